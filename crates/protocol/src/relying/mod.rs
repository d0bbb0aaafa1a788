//! What a careful OAuth client decides. Pure: time and randomness are arguments, no request leaves from here.
//!
//! The walk, each step owning the values of the one before:
//!
//! 1. [`ServerMetadata::parse`] checks a metadata document against the issuer it was asked for.
//! 2. [`AuthorizationStart::begin`] makes the URL for the browser and a [`PendingAuthorization`]: one record of issuer, state,
//!    nonce, verifier and redirect URI. The caller keeps it with the browser session that started.
//! 3. [`PendingAuthorization::accept`] takes the callback, spends the record and yields a [`CodeExchange`].
//! 4. [`CodeExchange::token_request`] yields the request to send and an [`ExpectedTokens`] that reads the answer.
//! 5. [`UnverifiedTokens::verify`] checks the ID token; only then is there a [`TokenSet`] to use.
//!
//! No type of this walk is `Clone` or can be made by hand, so a skipped check does not compile.

mod callback;
mod client;
mod expected;
mod form;
mod id_token;
mod metadata;
mod request;
mod start;
#[cfg(test)]
mod tests;
mod tokens;
mod userinfo;

pub use callback::{CallbackError, CodeExchange, PendingAuthorization};
pub use client::{ClientAuthentication, ClientIdentity, ClientIdentityError};
pub use expected::{ExpectedTokens, ServerError, TokenResponseError, UnverifiedTokens};
pub use id_token::{IdTokenError, Identity};
pub(crate) use metadata::is_safe;
pub use metadata::{IssParameter, MetadataError, ServerMetadata};
pub use request::{FormRequest, Moment, Parameter};
pub use start::{AuthorizationStart, StartError, StartRandom};
pub use tokens::{AccessToken, RefreshToken, TokenSet, WrongDestination};
pub use userinfo::{UserInfo, UserInfoError};
