//! The mailbox: a protected API that holds a few messages per user.
//!
//! | request | scope | answer |
//! | --- | --- | --- |
//! | `GET /messages` | `mail:read` | 200 `{"messages":[...]}` |
//! | `POST /messages` with JSON `{"to","subject","text"}` | `mail:send` | 201 and the message |

mod messages;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State, rejection::JsonRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use client::{ClientAuthentication, ClientIdentity, HyperTransport, Transport};
use http::{StatusCode, header};
use resource::{FetchError, Guard, Requirement, TokenRule, UserCaller};
use serde_json::json;

use crate::{ConfigError, Secret, Surroundings, check_origin};
use messages::{Draft, Messages};

/// The scope for reading.
pub const READ: &str = "mail:read";
/// The scope for sending.
pub const SEND: &str = "mail:send";

/// How the mailbox tells whether an access token is good.
#[derive(Clone, Debug)]
pub enum TokenCheck {
    /// Asks the authorization server about every token (RFC 7662). Needed for opaque tokens.
    Introspection {
        /// The introspection endpoint, an absolute URL.
        endpoint: String,
        /// The identifier under which the mailbox is registered as a client that may introspect.
        client_id: String,
        /// Its secret, sent as `client_secret_basic`.
        client_secret: Secret<String>,
    },
    /// Checks JWT access tokens (RFC 9068) with the keys at this URL.
    Jwt {
        /// The `jwks_uri` of the authorization server, an absolute URL.
        jwks_uri: String,
    },
}

/// What the mailbox needs to know.
#[derive(Clone, Debug)]
pub struct MailboxConfig {
    /// Its own origin without a trailing slash, e.g. `http://127.0.0.1:8081`. It is also the resource identifier: a token
    /// whose `aud` does not name it is refused.
    pub origin: String,
    /// The only issuer whose tokens it accepts.
    pub issuer: String,
    /// How tokens are checked.
    pub check: TokenCheck,
    /// Time and randomness.
    pub surroundings: Surroundings,
}

struct Mailbox {
    messages: Messages,
    surroundings: Surroundings,
}

/// The mailbox as a router. Makes no request until the first API call arrives.
pub fn router(config: MailboxConfig) -> Result<Router, ConfigError> {
    check_origin("mailbox origin", &config.origin)?;
    let rule =
        TokenRule::new(config.issuer, config.origin).map_err(|error| ConfigError::new("mailbox issuer", error))?;
    let check = match config.check {
        TokenCheck::Jwt { jwks_uri } => resource::TokenCheck::Jwt { jwks_uri },
        TokenCheck::Introspection { endpoint, client_id, client_secret } => {
            let authentication = ClientAuthentication::SecretBasic(client_secret);
            resource::TokenCheck::Introspection { endpoint, identity: ClientIdentity::web(client_id, authentication) }
        }
    };
    let (clock, entropy) = (config.surroundings.clone(), config.surroundings.clone());
    let transport = Arc::new(HyperTransport::loopback_only());
    let fetch = move |request| {
        let transport = transport.clone();
        async move { transport.send(request).await.map_err(|_| FetchError) }
    };
    let guard = Guard::with_signals(
        rule,
        check,
        fetch,
        move || clock.now(),
        move |bytes| entropy.fill(bytes),
        |signal, _| tracing::warn!(signal = signal.name(), "the mailbox refused a call"),
    );
    let mailbox = Arc::new(Mailbox { messages: Messages::default(), surroundings: config.surroundings });
    let read = get(list).layer(guard.require(Requirement::user([READ])));
    let write = axum::routing::post(send).layer(guard.require(Requirement::user([SEND])));
    Ok(Router::new()
        .route("/messages", read.merge(write))
        .fallback(|| async {
            problem(StatusCode::NOT_FOUND, "not_found", "the mailbox has /messages and nothing else")
        })
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(mailbox))
}

async fn list(State(mailbox): State<Arc<Mailbox>>, caller: UserCaller) -> Response {
    let messages = mailbox.messages.of(&caller.user, mailbox.surroundings.now());
    Json(json!({ "messages": messages })).into_response()
}

async fn send(
    State(mailbox): State<Arc<Mailbox>>,
    caller: UserCaller,
    draft: Result<Json<Draft>, JsonRejection>,
) -> Response {
    let Ok(Json(draft)) = draft else {
        return problem(StatusCode::BAD_REQUEST, "invalid_message", "send JSON with to, subject and text");
    };
    match mailbox.messages.send(&caller.user, draft, mailbox.surroundings.now()) {
        Ok(message) => (StatusCode::CREATED, Json(message)).into_response(),
        Err(reason) => problem(StatusCode::BAD_REQUEST, "invalid_message", reason),
    }
}

fn problem(status: StatusCode, error: &str, description: &str) -> Response {
    let body = Json(json!({ "error": error, "error_description": description }));
    (status, [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], body).into_response()
}
