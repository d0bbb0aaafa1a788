//! The token response: what must be in it, and the order in which it becomes usable.

use std::{fmt, sync::Arc};

use jose::{JwkSet, Seconds, Secret, UnixTime};
use serde::Deserialize;
use thiserror::Error;

use super::{
    AccessToken, ClientIdentity, IdTokenError, Identity, RefreshToken, ServerMetadata, TokenSet,
    id_token::{self, IdTokenRule, Parties},
    start::is_scope_value,
};

const MAX_RESPONSE: usize = 64 * 1024;
const MAX_TEXT: usize = 200;

/// An error that the authorization server sent, cut to what is safe to show: printable ASCII, at most 200 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    error: String,
    description: Option<String>,
}

impl ServerError {
    pub(super) fn new(error: &str, description: Option<&str>) -> Self {
        let printable = |text: &str| text.chars().filter(|c| matches!(c, ' '..='~')).take(MAX_TEXT).collect();
        Self { error: printable(error), description: description.map(printable) }
    }

    /// The error code, e.g. `access_denied`. Compare it; do not trust it further than that.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// The server's explanation for the developer. Escape it where it meets HTML.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.description {
            Some(description) => write!(f, "{}: {description}", self.error),
            None => f.write_str(&self.error),
        }
    }
}

/// Why a token response gave nothing to use.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenResponseError {
    /// The body is not the JSON object that RFC 6749 section 5.1 describes.
    #[error("the token response is not the JSON object of RFC 6749 section 5.1")]
    Document,
    /// `openid` was asked for and no ID token came.
    #[error("the token response has no id_token although openid was asked for (OpenID Connect Core section 3.1.3.3)")]
    MissingIdToken,
    /// The server refused, with its error code.
    #[error("the authorization server refused: {0}")]
    Refused(ServerError),
    /// An HTTP status that a token endpoint does not use, such as a redirect.
    #[error("the token endpoint answered with HTTP status {0}")]
    Status(u16),
    /// The token is of a type this kit cannot use safely.
    #[error("token_type is not Bearer (RFC 6749 section 7.1)")]
    TokenType,
}

#[derive(Deserialize)]
struct Body {
    access_token: Secret<String>,
    token_type: String,
    expires_in: Option<u32>,
    refresh_token: Option<Secret<String>>,
    scope: Option<String>,
    id_token: Option<Secret<String>>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: String,
    error_description: Option<String>,
}

/// What the answer to a token request must look like. Made together with the request, so the two cannot be crossed.
#[derive(Debug)]
pub struct ExpectedTokens {
    server: Arc<ServerMetadata>,
    client: Arc<ClientIdentity>,
    scope: Vec<String>,
    resources: Vec<String>,
    id_token: Option<IdTokenRule>,
    is_id_token_required: Presence,
    refresh: Option<Secret<String>>,
    asked_at: UnixTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Optional,
    Required,
}

impl ExpectedTokens {
    pub(super) fn for_code(
        server: Arc<ServerMetadata>,
        client: Arc<ClientIdentity>,
        scope: Vec<String>,
        resources: Vec<String>,
        nonce: Option<Secret<String>>,
        max_age: Option<Seconds>,
        asked_at: UnixTime,
    ) -> Self {
        let id_token = nonce.map(|nonce| IdTokenRule::for_login(nonce, max_age));
        Self {
            server,
            client,
            scope,
            resources,
            id_token,
            is_id_token_required: Presence::Required,
            refresh: None,
            asked_at,
        }
    }

    pub(super) fn for_refresh(used: &RefreshToken, asked_at: UnixTime) -> Self {
        Self {
            server: used.server.clone(),
            client: used.client.clone(),
            scope: used.scope.clone(),
            resources: used.resources.clone(),
            id_token: used.subject.clone().map(IdTokenRule::for_refresh),
            is_id_token_required: Presence::Optional,
            refresh: Some(used.value.clone()),
            asked_at,
        }
    }

    pub(super) fn for_client_credentials(
        server: Arc<ServerMetadata>,
        client: Arc<ClientIdentity>,
        scope: Vec<String>,
        resources: Vec<String>,
        asked_at: UnixTime,
    ) -> Self {
        let mut expected = Self::for_code(server, client, scope, resources, None, None, asked_at);
        expected.is_id_token_required = Presence::Optional;
        expected
    }

    /// Reads the answer. `status` is the HTTP status, `body` the whole body.
    ///
    /// Nothing in the result can be used before [`UnverifiedTokens::verify`].
    pub fn parse(self, status: u16, body: &[u8]) -> Result<UnverifiedTokens, TokenResponseError> {
        if body.len() > MAX_RESPONSE {
            return Err(TokenResponseError::Document);
        }
        if matches!(status, 400 | 401) {
            let read: ErrorBody = serde_json::from_slice(body).map_err(|_| TokenResponseError::Document)?;
            let error = ServerError::new(&read.error, read.error_description.as_deref());
            return Err(TokenResponseError::Refused(error));
        }
        if status != 200 {
            return Err(TokenResponseError::Status(status));
        }
        let read: Body = serde_json::from_slice(body).map_err(|_| TokenResponseError::Document)?;
        // A token bound to a key this kit does not have would be useless, or worse, be sent as if it were unbound.
        if !read.token_type.eq_ignore_ascii_case("Bearer") {
            return Err(TokenResponseError::TokenType);
        }
        let tokens = [Some(&read.access_token), read.refresh_token.as_ref(), read.id_token.as_ref()];
        let scope = read.scope.as_deref().map(split_scope).transpose()?;
        if !tokens.into_iter().flatten().all(|token| is_token(token.expose())) {
            return Err(TokenResponseError::Document);
        }
        let id_token = match (&self.id_token, self.is_id_token_required, read.id_token) {
            (Some(_), Presence::Required, None) => return Err(TokenResponseError::MissingIdToken),
            (Some(_), _, id_token) => id_token,
            // Not asked for, so there is nothing to check it against: not believed, not kept.
            (None, _, _) => None,
        };
        Ok(UnverifiedTokens {
            expires_at: read.expires_in.map(|life| self.asked_at + Seconds(life)),
            access: read.access_token,
            refresh: read.refresh_token,
            scope,
            id_token,
            expected: self,
        })
    }
}

fn split_scope(scope: &str) -> Result<Vec<String>, TokenResponseError> {
    let values: Vec<String> = scope.split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
    if values.iter().all(|value| is_scope_value(value)) { Ok(values) } else { Err(TokenResponseError::Document) }
}

fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// A well-formed token response. The tokens stay shut in until the ID token has been checked.
#[derive(Debug)]
pub struct UnverifiedTokens {
    expected: ExpectedTokens,
    access: Secret<String>,
    expires_at: Option<UnixTime>,
    refresh: Option<Secret<String>>,
    scope: Option<Vec<String>>,
    id_token: Option<Secret<String>>,
}

impl UnverifiedTokens {
    /// Whether [`verify`](Self::verify) needs the server's keys.
    pub fn needs_keys(&self) -> bool {
        self.id_token.is_some()
    }

    /// Where those keys lie.
    pub fn jwks_uri(&self) -> &str {
        self.expected.server.jwks_uri()
    }

    /// Checks the ID token, if there is one, and yields the tokens.
    ///
    /// `keys` are those at [`jwks_uri`](Self::jwks_uri); on [`IdTokenError::UnknownKey`] fetch them again, once, and repeat.
    pub fn verify(&self, keys: &JwkSet, now: UnixTime) -> Result<TokenSet, IdTokenError> {
        let expected = &self.expected;
        // Before any token leaves: a code that was injected shows in the nonce, a swapped access token in at_hash.
        // defends: id-token-injection, code-injection
        let identity = match (&expected.id_token, &self.id_token) {
            (Some(rule), Some(token)) => {
                let (issuer, client_id) = (expected.server.issuer(), expected.client.client_id());
                let parties = Parties { issuer, client_id, keys, now };
                Some(id_token::verify(token, self.access.expose(), rule, &parties)?)
            }
            _ => None,
        };
        let scope = self.scope.clone().unwrap_or_else(|| expected.scope.clone());
        Ok(TokenSet {
            access: AccessToken {
                value: self.access.clone(),
                expires_at: self.expires_at,
                resources: expected.resources.clone(),
                userinfo_endpoint: expected.server.userinfo_endpoint().map(str::to_owned),
            },
            refresh: self.refresh(&scope, identity.as_ref()),
            asked_scope: expected.scope.clone(),
            scope,
            identity,
        })
    }

    // RFC 6749 section 6: an answer without a refresh token leaves the old one in force.
    fn refresh(&self, scope: &[String], identity: Option<&Identity>) -> Option<RefreshToken> {
        let expected = &self.expected;
        let value = self.refresh.clone().or_else(|| expected.refresh.clone())?;
        let known = expected.id_token.as_ref().and_then(IdTokenRule::known_subject);
        Some(RefreshToken {
            value,
            server: expected.server.clone(),
            client: expected.client.clone(),
            scope: scope.to_vec(),
            resources: expected.resources.clone(),
            subject: identity.map(|identity| identity.subject().to_owned()).or(known),
        })
    }
}
