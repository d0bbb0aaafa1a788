//! The consent page.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::authorize::{Consent, NextStep, denial};
use protocol::record::SessionRecord;
use protocol::registration::{ClientAuthMethod, GrantType, RefreshPolicy, RegisteredClient};
use protocol::rules::Rule;
use protocol::scope::{OPENID_SCOPES, ScopeSet};
use protocol::signal::Signal;

use crate::app::{App, Shared};
use crate::browser::{self, PageForm};
use crate::call::Call;
use crate::events::About;
use crate::front_channel::{Stopped, Waiting, host, issue_code, leave, locale, page, see_other, stop, targets};
use crate::pages::{AccessFor, ClaimRow, ConsentView, Destination, Fact, Locale, PageKind, Remember, ScopeRow};

const PAGE: &str = "consent";
/// A person needs longer than this to read the page.
const TOO_FAST_MILLIS: u64 = 400;

/// GET /consent?request=…
pub async fn show(State(app): State<Shared>, call: Call) -> Response {
    let shown = async {
        browser::not_framed(&call)?;
        let id = call.query.as_deref().and_then(|query| query.strip_prefix("request="));
        let waiting = Waiting::take_up(&app, &call, id).await?;
        let step = waiting.next_step(&call);
        match (step, waiting.session.clone()) {
            (NextStep::Consent(_), Some(session)) => Ok(render(&app, &call, &waiting, &session)),
            (NextStep::Approve, Some(session)) => match Consent::remembered(NextStep::Approve, &waiting.request) {
                Some(consent) => {
                    issue_code(&app, &call, waiting.request, &session, consent, Some(waiting.parked.id)).await
                }
                None => Err(Rule::ServerError.refuse().into()),
            },
            (NextStep::Refuse(rule), _) => Err(waiting.request.reject(rule.refuse()).into()),
            _ => Ok(see_other(&app.policy.url(&format!("/sign-in?request={}", waiting.parked.id)))),
        }
    };
    shown.await.unwrap_or_else(|stopped: Stopped| stop(&app, &call, stopped))
}

/// POST /consent
pub async fn submit(State(app): State<Shared>, call: Call, body: Bytes) -> Response {
    answer(&app, &call, &body).await.unwrap_or_else(|stopped| stop(&app, &call, stopped))
}

async fn answer(app: &App, call: &Call, body: &Bytes) -> Result<Response, Stopped> {
    browser::not_framed(call)?;
    browser::same_origin(call, app.config.issuer.origin())?;
    let form = PageForm::parse(body)?;
    let waiting = Waiting::take_up(app, call, form.one("request")).await?;
    let Some(session) = waiting.session.clone() else {
        // defends: authentication-strength-bypass
        app.events.raise(
            Signal::FlowStepSkipped,
            call,
            About::client(waiting.request.client().id()).detail("consent before sign-in"),
        );
        return Ok(see_other(&app.policy.url(&format!("/sign-in?request={}", waiting.parked.id))));
    };
    // The token names the session: what one person was shown, another cannot answer.  defends: consent-transaction-swap
    if let Err(refusal) = waiting.check_form(PAGE, form.one("csrf"), Some(session.id)) {
        // Whoever forged it must not get a second try at the same request.
        app.ledger.take_parked(waiting.parked.id, &waiting.parked.browser).await?;
        return Err(refusal.into());
    }
    match form.one("decision") {
        Some("allow") => allow(app, call, waiting, session, &form).await,
        Some("deny") => deny(app, call, waiting).await,
        Some("switch") => {
            app.ledger.end_session(session.id).await?;
            app.events.raise(Signal::SessionEnded, call, About::default().subject(&session.subject));
            let mut response = see_other(&app.policy.url(&format!("/sign-in?request={}", waiting.parked.id)));
            browser::clear(response.headers_mut(), browser::SESSION);
            Ok(response)
        }
        // Anything but a plain "allow" is no consent.  defends: consent-forgery
        _ => Err(Rule::FormForged.refuse().into()),
    }
}

async fn deny(app: &App, call: &Call, waiting: Waiting) -> Result<Response, Stopped> {
    let taken = app.ledger.take_parked(waiting.parked.id, &waiting.parked.browser).await?;
    if taken.is_none() {
        return Err(Rule::RequestGone.refuse().into());
    }
    Ok(leave(app, call, denial(waiting.request, &app.policy)))
}

async fn allow(
    app: &App,
    call: &Call,
    waiting: Waiting,
    session: SessionRecord,
    form: &PageForm,
) -> Result<Response, Stopped> {
    if !matches!(waiting.next_step(call), NextStep::Consent(_) | NextStep::Approve) {
        return Ok(see_other(&app.policy.url(&format!("/sign-in?request={}", waiting.parked.id))));
    }
    let waited = call.millis.since(crate::entropy::made_at(waiting.parked.id.0));
    if waited < TOO_FAST_MILLIS {
        // Reported, not refused: a fast machine is no proof, and a refusal would only teach patience.
        // defends: resource-owner-impersonation
        let about = About::client(waiting.request.client().id()).subject(&session.subject);
        app.events.raise(Signal::ConsentTooFast, call, about);
    }
    let ticked: Vec<&str> = form.all("scope").collect();
    let ticked = ScopeSet::parse(&ticked.join(" ")).ok_or_else(|| Rule::FormForged.refuse())?;
    if waiting.request.leaves_nothing(&ticked) {
        return deny(app, call, waiting).await;
    }
    issue_code(app, call, waiting.request, &session, Consent::given(ticked), Some(waiting.parked.id)).await
}

fn render(app: &App, call: &Call, waiting: &Waiting, session: &SessionRecord) -> Response {
    let request = &waiting.request;
    let client = request.client();
    let locale = locale(app, call, request.ui_locales());
    let metadata = client.metadata();
    let view = ConsentView {
        server_host: host(app),
        request: waiting.parked.id.to_string(),
        csrf: waiting.browser.csrf(PAGE, waiting.parked.id, Some(session.id)),
        user_name: session.username.clone(),
        client_name: client.display_name().to_owned(),
        destination: Destination::of(request.redirect().as_str()),
        facts: facts(client, request.redirect().as_str()),
        scopes: request.scope().iter().map(|scope| scope_row(app, waiting, scope, locale)).collect(),
        resources: resources(app, waiting),
        claims: request
            .claims()
            .names()
            .into_iter()
            .map(|name| ClaimRow { name: name.to_owned(), value: None })
            .collect(),
        access_for: access_for(app, client),
        remember: if client.may_remember_consent() { Remember::Choice } else { Remember::Nothing },
        client_uri: metadata.client_uri.clone(),
        policy_uri: metadata.policy_uri.clone(),
        tos_uri: metadata.tos_uri.clone(),
    };
    page(app, PageKind::Consent, StatusCode::OK, &targets(request), view.render(locale))
}

fn facts(client: &RegisteredClient, redirect_uri: &str) -> Vec<Fact> {
    let proves = match client.auth_method() {
        ClientAuthMethod::None => Fact::CannotProveItself,
        ClientAuthMethod::PrivateKeyJwt => Fact::ProvesItselfWithKey,
        ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost => Fact::ProvesItselfWithSecret,
    };
    vec![Fact::OperatorRegistered, proves, Fact::of_redirect(redirect_uri)]
}

fn scope_row(app: &App, waiting: &Waiting, scope: &str, locale: Locale) -> ScopeRow {
    let known = app
        .policy
        .resource_of_scope(scope)
        .and_then(|resource| resource.scopes.iter().find(|have| have.value == scope));
    let words = known.map(|known| known.words.as_slice()).unwrap_or_default();
    let in_language = words.iter().find(|(tag, _)| tag == locale.tag()).or(words.first());
    ScopeRow {
        value: scope.to_owned(),
        title: in_language.map(|(_, text)| text.clone()).unwrap_or_default(),
        description: String::new(),
        sensitive: known.is_some_and(|known| known.sensitive),
        required: scope == "openid",
        checked: true,
        already_granted: waiting.remembered.as_ref().is_some_and(|consent| consent.scope.contains(scope)),
    }
}

/// The APIs that the scopes and resources speak of, by name.
fn resources(app: &App, waiting: &Waiting) -> Vec<String> {
    let request = &waiting.request;
    let by_scope = request.scope().iter().filter(|scope| !OPENID_SCOPES.contains(scope));
    let by_scope = by_scope.filter_map(|scope| app.policy.resource_of_scope(scope));
    let named = request.resources().iter().filter_map(|resource| app.policy.resource(resource));
    let mut names: Vec<String> = Vec::new();
    for resource in by_scope.chain(named) {
        if !names.contains(&resource.name) {
            names.push(resource.name.clone());
        }
    }
    names
}

fn access_for(app: &App, client: &RegisteredClient) -> AccessFor {
    const DAY: u32 = 86_400;
    let lifetimes = &app.policy.lifetimes;
    if client.allows(GrantType::RefreshToken) && client.refresh_policy() != RefreshPolicy::None {
        AccessFor::Away {
            idle_days: lifetimes.refresh_idle.0.div_ceil(DAY),
            total_days: lifetimes.refresh_total.0.div_ceil(DAY),
        }
    } else {
        AccessFor::Present { minutes: client.access_token_lifetime().unwrap_or(lifetimes.access_token).0.div_ceil(60) }
    }
}
