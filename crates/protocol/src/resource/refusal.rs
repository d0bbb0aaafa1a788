//! Every way a call is refused: status, header and signal in one place.

use jose::{JoseError, Seconds};
use thiserror::Error;

use crate::signal::Signal;

/// Why an API call was refused.
///
/// `Display` is for the log of the API. What the caller may read is [`error`](Self::error) and
/// [`challenge`](Self::challenge), which tell no more than RFC 6750 asks for: why a token is bad is nobody's business but ours.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The person signed in too long ago or too weakly for this route (RFC 9470).
    #[error("the sign-in behind the token is not recent or strong enough")]
    InsufficientAuthentication {
        /// What the route demands, if a level.
        acr: Option<String>,
        /// What the route demands, if recency.
        max_age: Option<Seconds>,
    },
    /// The token lacks a scope of this route; the list is what the route demands.
    #[error("the token lacks a scope")]
    InsufficientScope(Vec<String>),
    /// `active` is not true: unknown, expired, revoked, or not ours to ask about.
    #[error("the authorization server says that the token is not active")]
    Inactive,
    /// The introspection response is not one, or misses what must be there.
    #[error("the introspection response is unusable: {0}")]
    Introspection(&'static str),
    /// The JWT failed a check.
    #[error("the access token was refused: {0}")]
    Jwt(JoseError),
    /// The `Authorization` header cannot be read.
    #[error("the Authorization header is malformed")]
    MalformedCredentials,
    /// No bearer token in the `Authorization` header.
    #[error("no bearer token")]
    NoToken,
    /// The token is bound to a key, and no proof of it was checked.
    #[error("the token is bound to a key and was presented as a bearer token")]
    SenderConstrained,
    /// More than one `Authorization` header.
    #[error("several Authorization headers")]
    SeveralCredentials,
    /// An `access_token` in the URL.
    #[error("an access token in the URL")]
    TokenInQuery,
    /// Keys or introspection could not be reached: nothing is known about the token.
    #[error("the authorization server cannot be asked")]
    Unavailable,
    /// The route is for people and the token is a client's, or the reverse.
    #[error("the token is of another kind of principal than the route is for")]
    WrongPrincipal,
}

impl Refusal {
    /// The HTTP status (RFC 6750 section 3.1).
    pub fn status(&self) -> u16 {
        match self {
            Self::MalformedCredentials | Self::SeveralCredentials | Self::TokenInQuery => 400,
            Self::InsufficientScope(_) | Self::WrongPrincipal => 403,
            Self::Unavailable => 503,
            _ => 401,
        }
    }

    /// The error code for the caller; none if it sent no token, as it then should learn only how to ask.
    pub fn error(&self) -> Option<&'static str> {
        match self {
            Self::NoToken | Self::Unavailable => None,
            Self::MalformedCredentials | Self::SeveralCredentials | Self::TokenInQuery => Some("invalid_request"),
            Self::InsufficientScope(_) | Self::WrongPrincipal => Some("insufficient_scope"),
            Self::InsufficientAuthentication { .. } => Some("insufficient_user_authentication"),
            _ => Some("invalid_token"),
        }
    }

    /// One sentence for the caller's developer. All bad tokens share one.
    pub fn description(&self) -> Option<&'static str> {
        match self {
            Self::NoToken | Self::Unavailable => None,
            Self::TokenInQuery => {
                Some("access tokens belong in the Authorization header, never in the URL (RFC 9700 section 4.3.2)")
            }
            Self::SeveralCredentials => Some("exactly one Authorization header is allowed (RFC 6750 section 2)"),
            Self::MalformedCredentials => Some("the Authorization header is malformed (RFC 6750 section 2.1)"),
            Self::InsufficientScope(_) => Some("the token lacks a scope that this route needs (RFC 6750 section 3.1)"),
            Self::WrongPrincipal => Some("this route is for another kind of caller (RFC 9068 section 5)"),
            Self::InsufficientAuthentication { .. } => {
                Some("a more recent or stronger sign-in is needed (RFC 9470 section 3)")
            }
            _ => Some("the access token is not valid here (RFC 6750 section 3.1)"),
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3). `scope` is what the route demands.
    ///
    /// Built from constants and configured values, never from what was received.
    // defends: protected-resource-injection
    pub fn challenge(&self, scope: &[String]) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some(error) = self.error() {
            parts.push(format!("error=\"{error}\""));
        }
        if let Some(description) = self.description() {
            parts.push(format!("error_description=\"{description}\""));
        }
        if let Self::InsufficientAuthentication { acr, max_age } = self {
            parts.extend(acr.iter().map(|acr| format!("acr_values=\"{acr}\"")));
            parts.extend(max_age.iter().map(|age| format!("max_age=\"{}\"", age.0)));
        }
        if !scope.is_empty() {
            parts.push(format!("scope=\"{}\"", scope.join(" ")));
        }
        if parts.is_empty() { "Bearer".to_owned() } else { format!("Bearer {}", parts.join(", ")) }
    }

    /// The ledger's signal that this refusal raises, if any.
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::InsufficientScope(_) => Some(Signal::InsufficientScopeBurst),
            Self::Inactive => Some(Signal::TokenUnknownBurst),
            Self::SenderConstrained => Some(Signal::DpopBindingMismatch),
            Self::TokenInQuery => Some(Signal::TokenInQuery),
            Self::Jwt(JoseError::Audience) => Some(Signal::TokenAudienceMismatch),
            Self::Jwt(JoseError::Expired) => Some(Signal::TokenExpiredUseBurst),
            Self::Jwt(JoseError::KeyNotFound | JoseError::Signature) => Some(Signal::TokenUnknownBurst),
            Self::Jwt(error) if error.is_algorithm() => Some(Signal::JwtAlgorithmRejected),
            Self::Jwt(error) if error.is_key_header() => Some(Signal::JwtKeyHeaderRejected),
            Self::Jwt(error) if error.is_type() => Some(Signal::JwtTypeMismatch),
            Self::Jwt(error) if error.is_claims() => Some(Signal::JwtClaimsRejected),
            _ => None,
        }
    }
}
