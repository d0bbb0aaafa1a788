//! Introspection (RFC 7662).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::client_auth::PresentedClient;
use protocol::inspect::{LiveToken, PresentedToken};
use protocol::rules::{Refusal, Rule};
use protocol::wire::parameters::Parameters;

use crate::answer::{Refused, json, json_bytes};
use crate::app::{App, Shared};
use crate::back_channel::{authenticate, form};
use crate::call::Call;
use crate::events::About;

/// POST /introspect
pub async fn introspect(State(app): State<Shared>, call: Call, body: Bytes) -> Response {
    match answer(&app, &call, &body).await {
        Ok(response) => response,
        Err(refused) => refused.into_json(&app.policy),
    }
}

async fn answer(app: &Shared, call: &Call, body: &Bytes) -> Result<Response, Refused> {
    let (presented, token) = form(app, call, body, |authorization, body| {
        let mut parameters = Parameters::parse(body)?;
        let client = PresentedClient::parse(authorization, &parameters)?;
        parameters.require("token")?;
        Ok((client, parameters.take("token").unwrap_or_default()))
    })?;
    let caller = authenticate(app, call, presented).await?;
    // defends: introspection-abuse
    if caller.client().metadata().introspect_resources.is_empty() {
        let refusal = Rule::IntrospectionNotAllowed.refuse();
        app.events.refused(&refusal, call, About::client(caller.client().id()));
        return Err(refusal.into());
    }
    let live = match live_token(app, call, &token).await? {
        Ok(live) => live,
        Err(refusal) => {
            app.events.refused(&refusal, call, About::client(caller.client().id()));
            return Ok(inactive());
        }
    };
    let Some(known) = live.introspection(&caller, &app.policy) else { return Ok(inactive()) };
    let response = json(StatusCode::OK, &known);
    app.confirm(&live).await?;
    Ok(response)
}

/// Everything that is not an active token of the caller's reads alike (RFC 7662 section 2.2).
fn inactive() -> Response {
    json_bytes(StatusCode::OK, r#"{"active":false}"#)
}

/// Looks a token up and decides whether it counts. The outer error is the store's.
pub async fn live_token(app: &App, call: &Call, token: &str) -> Result<Result<LiveToken, Refusal>, Refused> {
    let presented = match PresentedToken::read(token, app.keys.load().public(), &app.policy, call.now) {
        Ok(presented) => presented,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let peeked = app.ledger.peek_token(&presented).await?;
    let client = match &peeked {
        Some(peeked) => app.ledger.client(&peeked.token.client_id).await?,
        None => None,
    };
    Ok(LiveToken::check(&presented, peeked, client.as_deref(), call.now))
}
