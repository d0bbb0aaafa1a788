//! The mailbox: a protected API that holds a few messages per user.
//!
//! | request | scope | answer |
//! | --- | --- | --- |
//! | `GET /messages` | `mail:read` | 200 `{"messages":[...]}` |
//! | `POST /messages` with `{"to","subject","text"}` | `mail:send` | 201 and the message |

use axum::Router;

use crate::{ConfigError, Secret, Surroundings};

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

/// The mailbox as a router. Makes no request until the first API call arrives.
pub fn router(config: MailboxConfig) -> Result<Router, ConfigError> {
    let _ = config;
    Ok(Router::new())
}
