//! The authorization endpoint (RFC 6749 section 3.1).

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use protocol::authorize::{Consent, NextStep};
use protocol::rules::Rule;

use crate::app::{App, Shared};
use crate::back_channel::is_form;
use crate::browser;
use crate::call::Call;
use crate::front_channel::{Stopped, checked, issue_code, park, remembered, see_other, session, stop};

/// GET /authorize
pub async fn get(State(app): State<Shared>, call: Call) -> Response {
    let query = call.query.clone().unwrap_or_default();
    answer(&app, &call, query).await.unwrap_or_else(|stopped| stop(&app, &call, stopped))
}

/// POST /authorize (OpenID Connect Core section 3.1.2.1)
pub async fn post(State(app): State<Shared>, call: Call, body: Bytes) -> Response {
    let parameters = match String::from_utf8(body.to_vec()) {
        Ok(text) if is_form(&call) && call.query.is_none() => text,
        _ => return stop(&app, &call, Rule::NotAForm.refuse().into()),
    };
    answer(&app, &call, parameters).await.unwrap_or_else(|stopped| stop(&app, &call, stopped))
}

async fn answer(app: &App, call: &Call, parameters: String) -> Result<Response, Stopped> {
    browser::not_framed(call)?;
    let request = checked(app, call, parameters.as_bytes()).await?;
    let session = session(app, call).await?;
    let remembered = remembered(app, call, &request, session.as_ref()).await?;
    let step = request.next_step(session.as_ref(), remembered.as_ref(), None, call.now);
    let page = match step {
        NextStep::Refuse(rule) => return Err(request.reject(rule.refuse()).into()),
        NextStep::Approve => {
            let consent = Consent::remembered(step, &request);
            let (Some(consent), Some(session)) = (consent, session) else {
                return Err(Rule::ServerError.refuse().into());
            };
            return issue_code(app, call, request, &session, consent, None).await;
        }
        NextStep::SignIn => "sign-in",
        NextStep::Consent(_) => "consent",
    };
    let (browser, id) = park(app, call, parameters).await?;
    let mut response = see_other(&app.policy.url(&format!("/{page}?request={id}")));
    browser.set_cookie(response.headers_mut());
    Ok(response)
}
