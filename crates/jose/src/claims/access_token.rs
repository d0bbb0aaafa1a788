use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{check_registered, is_media_type};
use crate::purpose::{Kind, Purpose, Registered, sealed::Kinded};
use crate::{Audience, JoseError, UnixTime};

/// The claims of a JWT access token (RFC 9068 section 2.2).
///
/// Members this type does not name are ignored when reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The authorization server.
    pub iss: String,
    /// The user, or the client itself where no user takes part.
    pub sub: String,
    /// The resource servers the token is for.
    pub aud: Audience,
    /// The client the token was issued to.
    pub client_id: String,
    /// The granted scope, space-separated; empty (and then absent in the token) for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// When it was issued.
    pub iat: UnixTime,
    /// From when on it is refused.
    pub exp: UnixTime,
    /// Its unique name.
    pub jti: String,
    /// Before when it is refused. We write none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<UnixTime>,
    /// When the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<UnixTime>,
    /// How strongly the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods the user signed in (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The key the sender must prove to have (RFC 7800). A resource server that ignores it takes a
    /// stolen token from anyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Map<String, Value>>,
}

impl Kinded for AccessToken {
    const KIND: Kind = Kind::AccessToken;
}

impl Purpose for AccessToken {
    const SIGN_TYP: &'static str = "at+jwt";
    const REQUIRED: &'static [&'static str] = &["iss", "exp", "aud", "sub", "client_id", "iat", "jti"];
    const FORBIDDEN: &'static [&'static str] = &["events", "nonce", "response_type"];

    /// RFC 9068 section 4: at+jwt must be there, so that no ID token passes for an access token.
    // defends: jwt-type-confusion
    fn typ_accepted(typ: Option<&str>) -> bool {
        typ.is_some_and(|typ| is_media_type(typ, Self::SIGN_TYP))
    }

    fn registered(&self) -> Registered<'_> {
        Registered {
            iss: &self.iss,
            sub: &self.sub,
            aud: &self.aud,
            exp: self.exp,
            nbf: self.nbf,
            iat: Some(self.iat),
            jti: Some(&self.jti),
        }
    }

    fn check(&self) -> Result<(), JoseError> {
        if self.client_id.is_empty() {
            return Err(JoseError::Claim("client_id"));
        }
        check_registered(&self.registered())
    }
}
