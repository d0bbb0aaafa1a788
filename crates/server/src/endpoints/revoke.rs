//! Revocation (RFC 7009).

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use protocol::client_auth::{AuthenticatedClient, PresentedClient};
use protocol::inspect::{PresentedToken, Revocation, revoke_access, revoke_refresh};
use protocol::signal::Signal;
use protocol::wire::parameters::Parameters;

use crate::answer::{Refused, empty};
use crate::app::Shared;
use crate::back_channel::{authenticate, form};
use crate::call::Call;
use crate::cors;
use crate::events::About;

/// POST /revoke
pub async fn revoke(State(app): State<Shared>, call: Call, body: Bytes) -> Response {
    let response = match answer(&app, &call, &body).await {
        // "The authorization server responds with HTTP status code 200 … for invalid tokens" too: the client has what it
        // wanted.  https://www.rfc-editor.org/rfc/rfc7009#section-2.2
        Ok(()) => empty(),
        Err(refused) => refused.into_json(&app.policy),
    };
    cors::for_client_of_form(&app, &call, &body, response).await
}

async fn answer(app: &Shared, call: &Call, body: &Bytes) -> Result<(), Refused> {
    let (presented, token) = form(app, call, body, |authorization, body| {
        let mut parameters = Parameters::parse(body)?;
        let client = PresentedClient::parse(authorization, &parameters)?;
        parameters.require("token")?;
        Ok((client, parameters.take("token").unwrap_or_default()))
    })?;
    let client = authenticate(app, call, presented).await?;
    let decided = decide(app, call, &client, &token).await?;
    let about = || About::client(client.client().id());
    match decided {
        // defends: revocation-cross-client
        Revocation::Foreign => app.events.raise(Signal::RevocationClientMismatch, call, about()),
        Revocation::Grant(grant, _) => {
            if app.ledger.revoke(decided, call.now).await? {
                app.events.raise(Signal::GrantEnded, call, about().grant(grant).detail("revoked by the client"));
            }
        }
        Revocation::Access { .. } => {
            app.ledger.revoke(decided, call.now).await?;
        }
        Revocation::Nothing => {}
    }
    Ok(())
}

async fn decide(app: &Shared, call: &Call, client: &AuthenticatedClient, token: &str) -> Result<Revocation, Refused> {
    let Ok(presented) = PresentedToken::read(token, app.keys.load().public(), &app.policy, call.now) else {
        return Ok(Revocation::Nothing);
    };
    Ok(match &presented {
        PresentedToken::Refresh(handle) => {
            let peeked = app.ledger.peek_refresh(handle).await?;
            revoke_refresh(client, &presented, peeked)
        }
        _ => revoke_access(client, &presented, app.ledger.peek_token(&presented).await?),
    })
}
