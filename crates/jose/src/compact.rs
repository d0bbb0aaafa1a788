//! The compact serialisation (RFC 7515 section 7.1), taken apart but not believed.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use crate::jwk::is_kid;
use crate::strict::{Members, walk_object};
use crate::{Algorithm, JoseError};

/// Longest token that is read, in bytes.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Longest encoded header. Ours take about 100 bytes.
const MAX_HEADER_BYTES: usize = 2 * 1024;

/// Members that bring or point to a key, and members that change how the rest is read. They are refused
/// rather than ignored: an honest sender has no reason to send one, and `crit` must be understood or
/// refused (RFC 7515 section 4.1.11).
// defends: jwt-key-injection
const REFUSED_MEMBERS: [&str; 6] = ["b64", "crit", "jku", "jwk", "x5c", "x5u"];

/// The three parts of a token, still encoded.
pub(crate) struct Compact<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Header, dot and payload: what was signed, byte for byte.
    pub(crate) signed: &'a [u8],
}

/// What a header may say. It is compared with what is expected and selects nothing but a key by name.
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) typ: Option<String>,
    pub(crate) kid: Option<String>,
}

impl<'a> Compact<'a> {
    pub(crate) fn split(token: &'a str) -> Result<Self, JoseError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JoseError::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(JoseError::Malformed);
        };
        // Exactly three: trailing data has no meaning, and five parts are a JWE, which would let anyone
        // with a public key write claims.  defends: jwe-abuse, jwt-type-confusion
        match parts.count() {
            0 => {}
            2 => return Err(JoseError::Encrypted),
            _ => return Err(JoseError::Malformed),
        }
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
        Ok(Compact { header, payload, signature, signed })
    }

    pub(crate) fn header(&self) -> Result<Header, JoseError> {
        if self.header.len() > MAX_HEADER_BYTES {
            return Err(JoseError::TooLong);
        }
        Header::read(&decode(self.header)?)
    }

    pub(crate) fn signature(&self) -> Result<Vec<u8>, JoseError> {
        decode(self.signature)
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>, JoseError> {
        decode(self.payload)
    }
}

impl Header {
    fn read(json: &[u8]) -> Result<Self, JoseError> {
        walk_object(json, &mut |name| match REFUSED_MEMBERS.into_iter().find(|refused| *refused == name) {
            Some(refused) => Err(JoseError::KeyHeader(refused)),
            None => Ok(()),
        })?;
        let Members(mut members) = serde_json::from_slice(json).map_err(|_| JoseError::Malformed)?;
        let algorithm = match members.get("alg") {
            // Compared exactly: there is no list of bad names to slip past.
            // defends: jwt-algorithm-substitution
            Some(Value::String(name)) => Algorithm::from_name(name).ok_or(JoseError::Algorithm)?,
            _ => return Err(JoseError::Algorithm),
        };
        let mut text = |name: &str| match members.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(JoseError::Malformed),
        };
        let (typ, kid) = (text("typ")?, text("kid")?);
        if kid.as_deref().is_some_and(|kid| !is_kid(kid)) {
            return Err(JoseError::KeyHeader("kid"));
        }
        Ok(Header { algorithm, typ, kid })
    }
}

/// Strict base64url: no padding, no other alphabet, no stray bits, so that one token has one spelling.
fn decode(text: &str) -> Result<Vec<u8>, JoseError> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| JoseError::Malformed)
}
