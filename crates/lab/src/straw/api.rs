//! The straw's protected APIs, built with the resource-server kit.
//!
//! | request | scope | answer |
//! | --- | --- | --- |
//! | `GET /messages` | `<api>:read` | 200 `{"subject", "client_id", "scope", "messages"}` |
//! | `POST /messages` | `<api>:send` | 201 |
//! | `GET /outbox` | `<api>:send` | as `/messages` |
//! | `GET /count` | `<api>:read` of a client's own | as `/messages` |
//!
//! `mail` checks JWTs by itself; `calendar` takes opaque tokens and asks the authorization server about each.

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{Request, StatusCode, header};
use resource::{
    Access, ClientAuthentication, ClientIdentity, FetchError, Guard, Principal, Requirement, TokenCheck, TokenRule,
};
use serde_json::json;
use server::app::Shared;
use tower::ServiceExt;

use super::exchange::{Ask, Site};
use crate::Secret;

/// How an API tells good tokens.
pub(super) enum Check {
    /// By the server's published keys.
    Jwt,
    /// By asking the server, with this identifier and secret.
    Introspection(String, Secret<String>),
}

/// The API `name` at `origin`, which is its resource identifier, too. It asks the honest server: a weakness of the server
/// must not become one of the API.
pub(super) fn router(name: &str, origin: &str, check: Check, app: &Shared, server: Router) -> anyhow::Result<Router> {
    let issuer = app.policy.issuer.clone();
    // How long a token lives is the server's affair, and so the lie of some weaknesses: the API goes along for a day.
    let rule = TokenRule::new(issuer.clone(), origin)?.max_lifetime(crate::Seconds(86_400));
    let check = match check {
        Check::Jwt => TokenCheck::Jwt { jwks_uri: format!("{issuer}/jwks") },
        Check::Introspection(id, secret) => TokenCheck::Introspection {
            endpoint: format!("{issuer}/introspect"),
            identity: ClientIdentity::web(id, ClientAuthentication::SecretBasic(secret)),
        },
    };
    let peer = Ask::own(Site::Server, http::Method::GET, "/").peer;
    let fetch = move |request: Request<bytes::Bytes>| {
        let server = server.clone();
        async move {
            let mut request = request.map(axum::body::Body::from);
            request.extensions_mut().insert(peer);
            let Ok(response) = server.oneshot(request).await;
            let (head, body) = response.into_parts();
            let body = axum::body::to_bytes(body, 1024 * 1024).await.map_err(|_| FetchError)?;
            Ok(http::Response::from_parts(head, body))
        }
    };
    let (clock, entropy) = (app.clock.clone(), app.entropy.clone());
    let fill = move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(32) {
            // Without randomness nothing can be answered; the panic ends this request.
            let random: [u8; 32] = entropy.bytes().expect("the system's random source works");
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    };
    let guard = Guard::new(rule, check, fetch, move || clock.now(), fill);
    let scope = |action: &str| format!("{name}:{action}");
    let read = get(messages).layer(guard.require(Requirement::user([scope("read").as_str()])));
    let send = post(sent).layer(guard.require(Requirement::user([scope("send").as_str()])));
    let outbox = get(messages).layer(guard.require(Requirement::user([scope("send").as_str()])));
    let count = get(messages).layer(guard.require(Requirement::client([scope("read").as_str()])));
    Ok(Router::new().route("/messages", read.merge(send)).route("/outbox", outbox).route("/count", count))
}

async fn messages(access: axum::Extension<Access>) -> Response {
    let subject = match access.principal() {
        Principal::User(user) => user.subject(),
        Principal::Client(client) => client.client_id(),
    };
    let body = json!({
        "subject": subject,
        "client_id": access.client_id(),
        "scope": access.scope(),
        "messages": [{ "from": "desk@library.example", "subject": "Two books are waiting" }],
    });
    (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn sent() -> Response {
    (StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(json!({ "sent": true }))).into_response()
}
