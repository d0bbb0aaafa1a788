use serde::{Deserialize, Serialize};

use super::{check_registered, is_media_type};
use crate::purpose::{Kind, Purpose, Registered, sealed::Kinded};
use crate::{Audience, JoseError, UnixTime};

/// The claims with which a client authenticates (RFC 7523 section 3, `private_key_jwt`).
///
/// A verified assertion proves possession of the key only once: whoever accepts it must also be the
/// first to see its `jti`, or a copy from a log is as good as the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAssertion {
    /// The `client_id`.
    pub iss: String,
    /// The `client_id` again.
    pub sub: String,
    /// The authorization server.
    pub aud: Audience,
    /// From when on it is refused.
    pub exp: UnixTime,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<UnixTime>,
    /// Before when it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<UnixTime>,
    /// Its unique name, good for one use. At most 256 bytes.
    pub jti: String,
}

impl Kinded for ClientAssertion {
    const KIND: Kind = Kind::ClientAssertion;
}

impl Purpose for ClientAssertion {
    const SIGN_TYP: &'static str = "client-authentication+jwt";
    // RFC 7523 leaves jti to the server; OpenID Connect Core section 9 requires it, and without it an
    // assertion could be used again.  defends: client-assertion-replay
    const REQUIRED: &'static [&'static str] = &["iss", "sub", "aud", "exp", "jti"];
    /// A request object is signed by the same client with the same key for the same server (RFC 9101
    /// section 10.8), and may have no `typ` either.
    // defends: jwt-type-confusion
    const FORBIDDEN: &'static [&'static str] =
        &["events", "htm", "nonce", "redirect_uri", "response_mode", "response_type", "scope"];

    fn typ_accepted(typ: Option<&str>) -> bool {
        // Most clients in the field send JWT or nothing.
        typ.is_none_or(|typ| is_media_type(typ, "JWT") || is_media_type(typ, Self::SIGN_TYP))
    }

    fn registered(&self) -> Registered<'_> {
        Registered {
            iss: &self.iss,
            sub: &self.sub,
            aud: &self.aud,
            exp: self.exp,
            nbf: self.nbf,
            iat: self.iat,
            jti: Some(&self.jti),
        }
    }

    /// RFC 7523 section 3: for client authentication both are the `client_id`. A token in which they
    /// differ speaks about someone else.
    // defends: client-assertion-replay
    fn check(&self) -> Result<(), JoseError> {
        if self.iss != self.sub {
            return Err(JoseError::Subject);
        }
        check_registered(&self.registered())
    }
}
