//! What the token, revocation and introspection endpoints share: a form, and a client that proves who it is.

use axum::body::Bytes;
use axum::http::header;
use protocol::client_auth::{AuthenticatedClient, CheckedClient, PresentedClient};
use protocol::rules::{ErrorCode, Refusal, Rule};

use crate::answer::Refused;
use crate::app::Shared;
use crate::call::Call;
use crate::events::About;

/// Reads the body as a form, and the Authorization header beside it.
pub fn form<T>(
    app: &Shared,
    call: &Call,
    body: &Bytes,
    parse: impl FnOnce(Option<&[u8]>, &[u8]) -> Result<T, Refusal>,
) -> Result<T, Refused> {
    let read = || {
        // defends: token-endpoint-get
        if call.query.as_deref().is_some_and(|query| !query.is_empty()) {
            return Err(Rule::CredentialInUrl.refuse());
        }
        if !is_form(call) {
            return Err(Rule::NotAForm.refuse());
        }
        parse(call.authorization(), body)
    };
    read().map_err(|refusal| {
        app.events.refused(&refusal, call, About::default());
        refusal.into()
    })
}

/// Whether the body says that it is a form.
pub fn is_form(call: &Call) -> bool {
    let kind = call.sole_header(header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(|&b| b == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// Proves who the client is. Failures slow down, per client and address, across all endpoints.
pub async fn authenticate(
    app: &Shared,
    call: &Call,
    presented: PresentedClient,
) -> Result<AuthenticatedClient, Refused> {
    let client_id = presented.client_id().to_owned();
    // defends: client-secret-guessing
    if let Some(wait) = app.throttle.admit_client(&client_id, call.peer.key(), call.millis) {
        let refusal = Rule::Throttled.refuse().noting(format!("client authentication, {} s", wait.0));
        app.events.refused(&refusal, call, About::default());
        return Err(Refused { refusal, retry_after: Some(wait.0) });
    }
    let stored = app.ledger.client(&client_id).await?;
    let known = stored.is_some();
    let checked = match presented.check(stored, &app.policy, call.now) {
        Ok(CheckedClient::Authenticated(client)) => Ok(client),
        Ok(CheckedClient::OnFirstUse(assertion)) => match app.ledger.first_use(assertion).await? {
            Some(first) => Ok(AuthenticatedClient::from_first_use(first)),
            None => Err(Rule::AssertionReplayed.refuse()),
        },
        Err(refusal) => Err(refusal),
    };
    checked.map_err(|refusal| {
        if refusal.code() == ErrorCode::invalid_client {
            let _counted = app.throttle.client_failed(&client_id, call.peer.key(), call.millis);
        }
        // An unknown name is a received value: it stays out of the log.
        let about = if known { About::client(&client_id) } else { About::default() };
        app.events.refused(&refusal, call, about);
        refusal.into()
    })
}
