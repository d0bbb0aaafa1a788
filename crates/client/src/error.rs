//! What can go wrong, one variant per stop.

use jose::JoseError;
use protocol::relying::{
    CallbackError, IdTokenError, MetadataError, StartError, TokenResponseError, UserInfoError, WrongDestination,
};
use thiserror::Error;

use crate::TransportError;

/// Why a step failed. No variant carries a credential, so it may be logged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientError {
    /// The client assertion could not be signed.
    #[error("the client assertion could not be signed: {0}")]
    Assertion(#[from] JoseError),
    /// The callback was refused; nothing was redeemed.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// The server says that the grant is over. Send the person through the flow again.
    #[error("the grant has ended; sign in again")]
    GrantEnded,
    /// The ID token was not believed.
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    /// The key set could not be read.
    #[error("the key set of the authorization server is unreadable")]
    Keys,
    /// The metadata document was refused; no flow starts.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// There is no refresh token: the server gave none, or the grant was revoked here.
    #[error("there is no refresh token; sign in again")]
    NoRefreshToken,
    /// The server announces no revocation endpoint.
    #[error("the authorization server offers no revocation")]
    NoRevocation,
    /// The login gave no ID token, or the server offers no userinfo.
    #[error("there is no userinfo without an ID token and a userinfo endpoint")]
    NoUserInfo,
    /// An address or header value cannot be sent.
    #[error("the request cannot be written as HTTP")]
    Request,
    /// The authorization request was not made.
    #[error(transparent)]
    Start(#[from] StartError),
    /// An HTTP status that this endpoint does not use, such as a redirect. Redirects are never followed.
    #[error("the authorization server answered with HTTP status {0}")]
    Status(u16),
    /// The token endpoint refused, or its answer is unusable.
    #[error(transparent)]
    TokenResponse(#[from] TokenResponseError),
    /// No answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The userinfo response was refused.
    #[error(transparent)]
    UserInfo(#[from] UserInfoError),
    /// The access token was not asked for the origin of this request; nothing was sent.
    #[error(transparent)]
    WrongDestination(#[from] WrongDestination),
}
