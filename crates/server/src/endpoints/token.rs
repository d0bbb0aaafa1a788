//! The token endpoint (RFC 6749 section 3.2).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use protocol::grants::Deciding;
use protocol::rules::{Refusal, Rule};
use protocol::signal::Signal;
use protocol::token::{Consequence, TokenRequest, TokenResponse};

use crate::answer::{Refused, json};
use crate::app::Shared;
use crate::back_channel::{authenticate, form};
use crate::call::{Call, Drawing};
use crate::cors;
use crate::events::About;

/// POST /token
pub async fn token(State(app): State<Shared>, call: Call, body: Bytes) -> Response {
    let response = match issue(&app, &call, &body).await {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(refused) => refused.into_json(&app.policy),
    };
    cors::for_client_of_form(&app, &call, &body, response).await
}

async fn issue(app: &Shared, call: &Call, body: &Bytes) -> Result<TokenResponse, Refused> {
    let request = form(app, call, body, |authorization, body| TokenRequest::parse(authorization, body))?;
    let client = authenticate(app, call, request.client).await?;
    let grant_type = request.grant.grant_type().as_str();
    let peeked = app.ledger.peek(request.grant.source()).await?;
    let mut draw = Drawing::new(&app.entropy, call.millis);
    let deciding = Deciding { policy: &app.policy, draw: &mut draw, now: call.now };
    let plan = match request.grant.decide(&client, peeked, deciding) {
        Ok(plan) => plan,
        Err(refused) => {
            // What follows from the refusal is on disk before the answer leaves.
            app.ledger.carry_out(refused.consequence, call.now).await?;
            app.events.refused(&refused.refusal, call, About::client(client.client().id()));
            if let Consequence::EndGrant(grant, reason) = refused.consequence {
                let about = About::client(client.client().id()).grant(grant).detail(reason.as_str());
                app.events.raise(Signal::GrantEnded, call, about);
            }
            return Err(slowed(app, call, refused.refusal));
        }
    };
    let if_lost = plan.if_lost();
    let done = app.ledger.commit(plan).await.map_err(|error| {
        let refused = Refused::not_committed(error, if_lost);
        app.events.refused(&refused.refusal, call, About::client(client.client().id()));
        refused
    })?;
    if done.get().is_reanswer() {
        app.events.raise(Signal::RefreshReanswered, call, About::client(client.client().id()));
    }
    let answer = TokenResponse::sign(done, &*app.keys.load()).map_err(|error| {
        tracing::error!(%error, request = %call.id, "signing failed");
        Rule::ServerError.refuse()
    })?;
    app.metrics.token_issued(grant_type);
    Ok(answer)
}

/// Whoever presents unknown codes and tokens by the dozen is told to wait. Those that are known go through.
/// defends: code-online-guessing, refresh-online-guessing, dos-manufactured-codes
fn slowed(app: &Shared, call: &Call, refusal: Refusal) -> Refused {
    let guess = matches!(refusal.rule(), Rule::CodeUnknown | Rule::RefreshUnknown);
    if guess && !app.guesses.admit(call.peer.key(), call.now) {
        return Refused { refusal: Rule::Throttled.refuse(), retry_after: Some(60) };
    }
    refusal.into()
}

/// Every other method: credentials in a URL are as good as published.
pub async fn not_post(State(app): State<Shared>, call: Call) -> Response {
    // defends: token-endpoint-get
    let refusal = Rule::CredentialInUrl.refuse();
    app.events.refused(&refusal, &call, About::default());
    let mut response = Refused::from(refusal).into_json(&app.policy);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}
