use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{check_registered, is_media_type};
use crate::purpose::{Kind, Purpose, Registered, sealed::Kinded};
use crate::{Audience, JoseError, UnixTime};

/// The claims of an ID token (OpenID Connect Core section 2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdToken {
    /// The OpenID provider.
    pub iss: String,
    /// The user, at most 255 bytes.
    pub sub: String,
    /// The clients the token is for.
    pub aud: Audience,
    /// The client it was issued to, if that is not plain from `aud`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// From when on it is refused.
    pub exp: UnixTime,
    /// When it was issued.
    pub iat: UnixTime,
    /// Before when it is refused. We write none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<UnixTime>,
    /// Its unique name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// When the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<UnixTime>,
    /// The `nonce` of the authorization request. The client must compare it with its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How strongly the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods the user signed in (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Binds the access token beside it, see [`crate::at_hash`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds the authorization code beside it, see [`crate::c_hash`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The session at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Claims about the user, beside the ones above. It cannot hold a name that is a field here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Names that user claims must not take: the fields above, and what would make it a logout token.
const NOT_EXTRA: [&str; 16] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "sid",
    "events",
];

impl Kinded for IdToken {
    const KIND: Kind = Kind::IdToken;
}

impl Purpose for IdToken {
    const SIGN_TYP: &'static str = "JWT";
    const REQUIRED: &'static [&'static str] = &["iss", "sub", "aud", "exp", "iat"];
    /// Logout tokens (OpenID Connect Back-Channel Logout section 2.4) come from the same issuer for the
    /// same client; `events` marks them.
    // defends: jwt-type-confusion
    const FORBIDDEN: &'static [&'static str] = &["events"];

    fn typ_accepted(typ: Option<&str>) -> bool {
        typ.is_none_or(|typ| is_media_type(typ, Self::SIGN_TYP))
    }

    fn registered(&self) -> Registered<'_> {
        Registered {
            iss: &self.iss,
            sub: &self.sub,
            aud: &self.aud,
            exp: self.exp,
            nbf: self.nbf,
            iat: Some(self.iat),
            jti: self.jti.as_deref(),
        }
    }

    fn check(&self) -> Result<(), JoseError> {
        // Written flat, such a name would appear twice, and readers would choose.
        // defends: jwt-claims-unchecked
        if let Some(name) = NOT_EXTRA.into_iter().find(|name| self.extra.contains_key(*name)) {
            return Err(JoseError::Claim(name));
        }
        if self.sub.len() > 255 {
            return Err(JoseError::Subject);
        }
        check_registered(&self.registered())
    }
}
