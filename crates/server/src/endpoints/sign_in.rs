//! The sign-in page.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::authorize::{Consent, NextStep};
use protocol::handle::{Draw, HandleKind, NewHandle};
use protocol::oidc::{ACR_PASSWORD, AMR_PASSWORD};
use protocol::record::{Authentication, SessionRecord, UserRecord};
use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::app::{App, Shared};
use crate::browser::{self, PageForm};
use crate::call::{Call, Drawing};
use crate::events::About;
use crate::front_channel::{Stopped, Waiting, host, issue_code, locale, page, remembered, see_other, stop, targets};
use crate::pages::{Destination, PageKind, Reauth, ReauthReason, SignInProblem, SignInView};
use crate::sign_in::{SignInRefused, sign_in};

const PAGE: &str = "sign-in";

/// GET /sign-in?request=…
pub async fn show(State(app): State<Shared>, call: Call) -> Response {
    let shown = async {
        browser::not_framed(&call)?;
        let id = call.query.as_deref().and_then(|query| query.strip_prefix("request="));
        let waiting = Waiting::take_up(&app, &call, id).await?;
        Ok(match waiting.next_step(&call) {
            NextStep::SignIn => render(&app, &call, &waiting, None),
            _ => see_other(&app.policy.url(&format!("/consent?request={}", waiting.parked.id))),
        })
    };
    shown.await.unwrap_or_else(|stopped: Stopped| stop(&app, &call, stopped))
}

/// POST /sign-in
pub async fn submit(State(app): State<Shared>, call: Call, body: Bytes) -> Response {
    answer(&app, &call, &body).await.unwrap_or_else(|stopped| stop(&app, &call, stopped))
}

async fn answer(app: &App, call: &Call, body: &Bytes) -> Result<Response, Stopped> {
    browser::not_framed(call)?;
    browser::same_origin(call, app.config.issuer.origin())?;
    let form = PageForm::parse(body)?;
    let mut waiting = Waiting::take_up(app, call, form.one("request")).await?;
    waiting.check_form(PAGE, form.one("csrf"), None)?;
    let (name, password) = (form.one("username").unwrap_or_default(), form.one("password").unwrap_or_default());
    let user = match sign_in(app, call, waiting.session.as_ref(), name, password).await? {
        Ok(user) => user,
        Err(SignInRefused::Busy) => return Ok(render(app, call, &waiting, Some(SignInProblem::Busy))),
        Err(SignInRefused::SlowDown(seconds)) => {
            return Ok(render(app, call, &waiting, Some(SignInProblem::SlowDown { seconds })));
        }
        Err(SignInRefused::Wrong) => return Ok(render(app, call, &waiting, Some(SignInProblem::WrongCredentials))),
    };
    let (session, cookie) = new_session(app, call, &user);
    // Locked, removed or given another password meanwhile: what was checked is no longer true.
    // defends: locked-account-token-issuance
    if !app.ledger.put_session(session.clone(), &user.password).await? {
        return Ok(render(app, call, &waiting, Some(SignInProblem::WrongCredentials)));
    }
    // A session that was there before ends: whoever signs in gets a new one, with a new secret.
    // defends: login-session-fixation
    if let Some(old) = waiting.session.take() {
        app.ledger.end_session(old.id).await?;
    }
    app.events.raise(Signal::LoginSucceeded, call, About::client(waiting.request.client().id()).subject(&user.subject));
    waiting.remembered = remembered(app, call, &waiting.request, Some(&session)).await?;
    waiting.session = Some(session.clone());
    // Whatever comes of the request, the person has signed in: a session whose cookie nobody got would only lie about.
    let mut response = go_on(app, call, waiting, &session).await.unwrap_or_else(|stopped| stop(app, call, stopped));
    browser::set(response.headers_mut(), browser::SESSION, &cookie);
    Ok(response)
}

async fn go_on(app: &App, call: &Call, waiting: Waiting, session: &SessionRecord) -> Result<Response, Stopped> {
    let step = waiting.next_step(call);
    match step {
        NextStep::Approve => match Consent::remembered(step, &waiting.request) {
            Some(consent) => issue_code(app, call, waiting.request, session, consent, Some(waiting.parked.id)).await,
            None => Err(Rule::ServerError.refuse().into()),
        },
        NextStep::Consent(_) => Ok(see_other(&app.policy.url(&format!("/consent?request={}", waiting.parked.id)))),
        // Someone signed in, but not the one whom the client expects (id_token_hint, or sub in claims).
        NextStep::SignIn | NextStep::Refuse(_) => Err(waiting.request.reject(Rule::LoginRequired.refuse()).into()),
    }
}

fn new_session(app: &App, call: &Call, user: &UserRecord) -> (SessionRecord, String) {
    let mut draw = Drawing::new(&app.entropy, call.millis);
    let handle = NewHandle::mint(HandleKind::Session, draw.id(), &draw.secret());
    let lifetimes = &app.config.lifetimes;
    let session = SessionRecord {
        id: handle.id(),
        hash: handle.hash(),
        subject: user.subject.clone(),
        username: user.username.clone(),
        authentication: Authentication {
            time: call.now,
            acr: ACR_PASSWORD.to_owned(),
            amr: vec![AMR_PASSWORD.to_owned()],
            session: handle.id(),
        },
        expires: call.now + lifetimes.session_idle.seconds().min(lifetimes.session_total.seconds()),
    };
    (session, handle.into_value().expose().clone())
}

fn render(app: &App, call: &Call, waiting: &Waiting, problem: Option<SignInProblem>) -> Response {
    let request = &waiting.request;
    let reauth = waiting.session.as_ref().map(|session| Reauth {
        display_name: session.username.clone(),
        username: session.username.clone(),
        reason: ReauthReason::AppAsks,
    });
    let status = match problem {
        None => StatusCode::OK,
        Some(SignInProblem::SlowDown { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(SignInProblem::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(_) => StatusCode::UNAUTHORIZED,
    };
    let view = SignInView {
        server_host: host(app),
        request: waiting.parked.id.to_string(),
        csrf: waiting.browser.csrf(PAGE, waiting.parked.id, None),
        client_name: request.client().display_name().to_owned(),
        destination: Destination::of(request.redirect().as_str()),
        login_hint: request.login_hint().map(str::to_owned),
        problem,
        reauth,
    };
    page(app, PageKind::SignIn, status, &targets(request), view.render(locale(app, call, request.ui_locales())))
}
