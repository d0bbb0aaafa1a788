//! What the pages share: a waiting request, the person's session, and the way out.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::authorize::{
    AuthenticatedUser, CheckedAuthorizationRequest, Consent, HintKeys, NextStep, PageRejection, RedirectRejection,
    UnverifiedAuthorizationRequest, refusal, success,
};
use protocol::handle::Id;
use protocol::record::{ConsentRecord, ParkedRecord, SessionRecord};
use protocol::rules::{Refusal, Rule};
use protocol::signal::Signal;
use protocol::wire::response::BrowserAnswer;
use store::{Caps, NotCommitted, StoreError};

use crate::app::App;
use crate::browser::{self, Browser};
use crate::call::{Call, Drawing};
use crate::events::About;
use crate::pages::{
    Back, Destination, Detail, ErrorView, FormPostView, Locale, PageKind, PageProblem, ReturnErrorView, ReturnTarget,
    Transport, form_action_source, security_headers,
};

/// Requests that may wait, in all and of one browser.
const PARKED: Caps = Caps { total: 50_000, per_browser: 32 };

/// Bytes of parameters that may wait: more than honest requests have, and what a store full of them can bear.
const PARKED_BYTES: usize = 12 * 1024;

/// Anything that keeps a page from being shown.
#[derive(Debug)]
pub enum Stopped {
    /// It ends on our page.
    Page(Refusal),
    /// It goes to the client, if its redirect is trusted.
    Redirect(Box<RedirectRejection>),
}

impl From<PageRejection> for Stopped {
    fn from(rejection: PageRejection) -> Stopped {
        Stopped::Page(rejection.0)
    }
}

impl From<RedirectRejection> for Stopped {
    fn from(rejection: RedirectRejection) -> Stopped {
        Stopped::Redirect(Box::new(rejection))
    }
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Stopped {
        Stopped::Page(refusal)
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Stopped {
        Stopped::Page(crate::answer::Refused::from(error).refusal)
    }
}

/// Takes an authorization request through its first three stops.
pub async fn checked(app: &App, call: &Call, parameters: &[u8]) -> Result<CheckedAuthorizationRequest, Stopped> {
    let unverified = UnverifiedAuthorizationRequest::parse(parameters)?;
    let client = app.ledger.client(unverified.client_id()).await?;
    let bound = unverified.bind(client)?;
    let keys = app.keys.load();
    let checked = bound.check(&app.policy, &HintKeys { keys: keys.public(), now: call.now })?;
    let agent = call.sole_header(header::USER_AGENT).and_then(|value| std::str::from_utf8(value).ok());
    Ok(checked.outside_of_apps(agent)?)
}

/// A request that waited, taken up by the browser that it waits for.
pub struct Waiting {
    /// The browser.
    pub browser: Browser,
    /// The row.
    pub parked: ParkedRecord,
    /// The request, checked anew.
    pub request: CheckedAuthorizationRequest,
    /// The person, if signed in.
    pub session: Option<SessionRecord>,
    /// What was allowed before.
    pub remembered: Option<ConsentRecord>,
}

impl Waiting {
    /// Takes up the request `id`. Another browser gets nowhere.
    pub async fn take_up(app: &App, call: &Call, id: Option<&str>) -> Result<Waiting, Stopped> {
        let gone = || Rule::RequestGone.refuse();
        let id = id.and_then(Id::parse).ok_or_else(gone)?;
        let parked = app.ledger.parked(id).await?.filter(|parked| parked.expires > call.now).ok_or_else(gone)?;
        // defends: consent-transaction-swap, login-session-fixation, browser-swapping
        let browser = Browser::of(call)
            .filter(|browser| browser.hash().matches(&parked.browser))
            .ok_or_else(|| Rule::OtherBrowser.refuse())?;
        let request = checked(app, call, parked.parameters.as_bytes()).await?;
        let session = session(app, call).await?;
        let remembered = remembered(app, call, &request, session.as_ref()).await?;
        Ok(Waiting { browser, parked, request, session, remembered })
    }

    /// What comes next.
    pub fn next_step(&self, call: &Call) -> NextStep {
        self.request.next_step(self.session.as_ref(), self.remembered.as_ref(), Some(&self.parked), call.now)
    }

    /// Whether a form was made for this page, request and session.
    pub fn check_form(&self, page: &str, csrf: Option<&str>, session: Option<Id>) -> Result<(), Refusal> {
        let expected = self.browser.csrf(page, self.parked.id, session);
        // defends: consent-forgery
        match csrf {
            Some(csrf) if jose::constant_time_eq(csrf.as_bytes(), expected.as_bytes()) => Ok(()),
            _ => Err(Rule::FormForged.refuse()),
        }
    }
}

/// The session of the browser, if it is alive; its idle time begins anew.
pub async fn session(app: &App, call: &Call) -> Result<Option<SessionRecord>, StoreError> {
    let presented = match browser::presented_session(&call.headers) {
        Ok(Some(presented)) => presented,
        Ok(None) => return Ok(None),
        Err(browser::Planted) => {
            app.events.raise(
                Signal::SessionFixationRejected,
                call,
                About::default().detail("session cookie came twice"),
            );
            return Ok(None);
        }
    };
    let Some(mut session) = app.ledger.session(&presented, call.now).await? else { return Ok(None) };
    let idle = app.config.lifetimes.session_idle.seconds();
    let end = (session.authentication.time + app.config.lifetimes.session_total.seconds()).min(call.now + idle);
    // A write for every page would buy nothing.
    if end.saturating_since(session.expires).0 > idle.0 / 8 {
        // It may have ended since it was read: then it does not come back.  defends: login-session-fixation
        if !app.ledger.extend_session(session.id, end).await? {
            return Ok(None);
        }
        session.expires = end;
    }
    Ok(Some(session))
}

/// What the person allowed this client before, where that may count.
pub async fn remembered(
    app: &App,
    call: &Call,
    request: &CheckedAuthorizationRequest,
    session: Option<&SessionRecord>,
) -> Result<Option<ConsentRecord>, StoreError> {
    match session {
        Some(session) if request.client().may_remember_consent() => {
            app.ledger.consent(&session.subject, request.client().id(), call.now).await
        }
        _ => Ok(None),
    }
}

/// Lets the request wait for the person, in this browser.
pub async fn park(app: &App, call: &Call, parameters: String) -> Result<(Browser, Id), Stopped> {
    // defends: dos-token-exhaustion
    if parameters.len() > PARKED_BYTES {
        return Err(Rule::RequestTooLarge.refuse().into());
    }
    let browser = Browser::of_or_new(call, &app.entropy);
    let id = Id(app.entropy.next_id(call.millis));
    let record = ParkedRecord {
        id,
        browser: browser.hash(),
        parameters,
        created: call.now,
        expires: call.now + app.policy.lifetimes.parked,
    };
    // defends: dos-token-exhaustion
    let from = call.peer.key();
    if !app.parking_sites.admit(from.site(), call.now) || !app.parking.admit(from, call.now) {
        return Err(Rule::TooManyPending.refuse().into());
    }
    app.ledger.park(record, PARKED).await.map_err(|error| match error {
        StoreError::Busy => Stopped::from(Rule::TooManyPending.refuse()),
        error => error.into(),
    })?;
    Ok((browser, id))
}

/// Grant and code, and the way back to the client.
pub async fn issue_code(
    app: &App,
    call: &Call,
    request: CheckedAuthorizationRequest,
    session: &SessionRecord,
    consent: Consent,
    parked: Option<Id>,
) -> Result<Response, Stopped> {
    note_challenge(app, call, &request);
    let asked = parked.is_some();
    let approval = request.approve(AuthenticatedUser::assertion(session), consent);
    let plan = approval.mint(&app.policy, parked, &mut Drawing::new(&app.entropy, call.millis), call.now);
    let about = About::client(&plan.grant.client_id).subject(&plan.grant.subject).grant(plan.grant.id);
    let done = app.ledger.commit_code(plan).await.map_err(|error| match error {
        NotCommitted::Lost => Rule::RequestGone.refuse().into(),
        NotCommitted::Store(error) => Stopped::from(error),
    })?;
    if asked {
        app.events.raise(Signal::GrantCreated, call, about);
    }
    Ok(leave(app, call, success(done)))
}

/// A challenge that comes again is reported: the client draws badly, or somebody planted it. Refusing would break an
/// honest reload.  defends: pkce-weak-or-reused-challenge
fn note_challenge(app: &App, call: &Call, request: &CheckedAuthorizationRequest) {
    if let Some(challenge) = request.challenge()
        && app.challenges.seen_before(request.client().id(), challenge, call.now)
    {
        app.events.raise(Signal::PkceChallengeReused, call, About::client(request.client().id()));
    }
}

/// Sends the browser on its way to the client.
pub fn leave(app: &App, call: &Call, answer: BrowserAnswer) -> Response {
    match answer {
        // 303, so that no browser posts a password on.  https://www.rfc-editor.org/rfc/rfc9700#section-4.12
        // defends: redirect-307
        BrowserAnswer::Redirect(location) => see_other(&location),
        BrowserAnswer::FormPost { action, fields } => {
            let source = form_action_source(&action);
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let view = FormPostView { server_host: host(app), action, fields };
            page(app, PageKind::FormPost, StatusCode::OK, &[source], view.render(locale(app, call, None)))
        }
    }
}

/// 303, uncached, without a referrer.
pub fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // defends: credential-leak-via-referrer
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A page with all its headers.
pub fn page(app: &App, kind: PageKind, status: StatusCode, targets: &[String], html: String) -> Response {
    let html = below(app.config.issuer.path(), html);
    let transport = if app.config.issuer.is_https() { Transport::Https } else { Transport::Http };
    let mut response = (status, html).into_response();
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    for (name, value) in security_headers(kind, transport, targets) {
        headers.insert(name, value);
    }
    response
}

/// Leads the page's own addresses below the path of the issuer. Templates write them from the root; text of others cannot
/// hold a plain quotation mark, so only what a template wrote is met.
fn below(path: &str, html: String) -> String {
    if path.is_empty() {
        return html;
    }
    ["action", "href", "src"]
        .iter()
        .fold(html, |html, name| html.replace(&format!(" {name}=\"/"), &format!(" {name}=\"{path}/")))
}

/// What a stopped request ends with.
pub fn stop(app: &App, call: &Call, stopped: Stopped) -> Response {
    match stopped {
        Stopped::Page(refusal) => {
            app.events.refused(&refusal, call, About::default());
            error_page(app, call, &refusal)
        }
        Stopped::Redirect(rejection) => {
            let about = About::client(rejection.client().id());
            app.events.refused(rejection.refusal(), call, about.clone());
            // A client that has errors carried to it by the dozen may be phishing with our name: a person looks first.
            // defends: as-redirect-to-phishing-client
            let key = (rejection.client().id().to_owned(), call.peer.key());
            if !app.error_redirects.admit(key, call.now) {
                app.events.raise(Signal::ClientErrorRedirectBurst, call, about);
                return return_page(app, call, *rejection);
            }
            match rejection.trust_by_vouching() {
                Ok(trusted) => leave(app, call, refusal(trusted, &app.policy)),
                Err(untrusted) => return_page(app, call, untrusted),
            }
        }
    }
}

/// A page with a button that names where it leads: for errors on a redirect that nobody vouches for.
fn return_page(app: &App, call: &Call, rejection: RedirectRejection) -> Response {
    let destination = Destination::of(rejection.redirect().as_str());
    let source = form_action_source(rejection.redirect().as_str());
    let client_name = rejection.client().display_name().to_owned();
    let (error, detail) = (rejection.refusal().code().as_str().to_owned(), detail(rejection.refusal(), call));
    let target = match refusal(rejection.behind_a_button(), &app.policy) {
        BrowserAnswer::Redirect(location) => ReturnTarget::Link(location),
        BrowserAnswer::FormPost { action, fields } => ReturnTarget::Post {
            action,
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        },
    };
    let view = ReturnErrorView { server_host: host(app), client_name, destination, error, detail, target };
    page(app, PageKind::ReturnError, StatusCode::BAD_REQUEST, &[source], view.render(locale(app, call, None)))
}

/// The error page: our own, and the end of the way.
pub fn error_page(app: &App, call: &Call, refusal: &Refusal) -> Response {
    let (problem, status) = match refusal.published_rule() {
        Rule::ClientUnknown => (PageProblem::UnknownClient, 400),
        Rule::RedirectUriUnregistered | Rule::RedirectUriNone => (PageProblem::UnknownRedirect, 400),
        Rule::RequestGone => (PageProblem::RequestGone, 400),
        Rule::OtherBrowser => (PageProblem::OtherBrowser, 403),
        Rule::FormForged => (PageProblem::ForgedForm, 403),
        Rule::EmbeddedBrowser => (PageProblem::EmbeddedBrowser, 403),
        Rule::PageFramed => (PageProblem::Framed, 403),
        Rule::TooManyPending | Rule::Overloaded | Rule::Throttled => (PageProblem::TooBusy, 503),
        Rule::ServerError => (PageProblem::ServerFault, 500),
        _ => (PageProblem::Malformed, 400),
    };
    let locale = locale(app, call, None);
    let view = ErrorView {
        server_host: host(app),
        title: problem.title(locale),
        text: problem.text(locale),
        detail: detail(refusal, call),
        back: None::<Back>,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    page(app, PageKind::Error, status, &[], view.render(locale))
}

fn detail(refusal: &Refusal, call: &Call) -> Detail {
    let rule = refusal.published_rule();
    Detail {
        rule: Some(rule.id()),
        parameter: Some(refusal.parameter().to_owned()).filter(|name| !name.is_empty()),
        section: Some(rule.section().to_owned()),
        request_id: call.id.to_string(),
    }
}

/// The server's own host, which every page shows.
pub fn host(app: &App) -> String {
    app.config.issuer.authority().to_owned()
}

/// The language of a page.
pub fn locale(app: &App, call: &Call, ui_locales: Option<&str>) -> Locale {
    let accept =
        call.sole_header(HeaderName::from_static("accept-language")).and_then(|value| std::str::from_utf8(value).ok());
    let default = app.config.i18n.default.tag();
    Locale::negotiate(ui_locales, accept.or(Some(default)))
}

/// The client's address for the policy of a page whose form may end there.
pub fn targets(request: &CheckedAuthorizationRequest) -> Vec<String> {
    let mut targets = vec![form_action_source(request.redirect().as_str())];
    // A client may lead on to its own home page, which Chromium counts as part of the form's way.
    targets.extend(request.client().metadata().client_uri.as_deref().map(form_action_source));
    targets.dedup();
    targets
}
