//! The claims of each kind of token.

mod access_token;
mod client_assertion;
mod id_token;

pub use access_token::AccessToken;
pub use client_assertion::ClientAssertion;
pub use id_token::IdToken;

use crate::purpose::Registered;
use crate::{JoseError, UnixTime};

/// The last second of the year 9999: later numbers are milliseconds or mischief.
const LAST_SECOND: i64 = 253_402_300_799;
/// Longest `jti`. Those of strangers are remembered (as hashes) until they expire.
const MAX_JTI_BYTES: usize = 256;

/// The rules that hold for every kind of token, whoever signs it and whenever it is read.
fn check_registered(claims: &Registered<'_>) -> Result<(), JoseError> {
    let sane = |time: UnixTime| (0..=LAST_SECOND).contains(&time.0);
    if claims.iss.is_empty() {
        return Err(JoseError::Claim("iss"));
    }
    if claims.sub.is_empty() {
        return Err(JoseError::Subject);
    }
    if !claims.aud.is_proper() {
        return Err(JoseError::Claim("aud"));
    }
    // defends: jwt-claims-unchecked — an expiry in the year 50000 is no expiry.
    if !sane(claims.exp) || claims.iat.is_some_and(|iat| claims.exp <= iat) {
        return Err(JoseError::Claim("exp"));
    }
    if !claims.iat.is_none_or(sane) {
        return Err(JoseError::Claim("iat"));
    }
    if !claims.nbf.is_none_or(sane) {
        return Err(JoseError::Claim("nbf"));
    }
    if claims.jti.is_some_and(|jti| jti.is_empty() || jti.len() > MAX_JTI_BYTES) {
        return Err(JoseError::Claim("jti"));
    }
    Ok(())
}

/// Whether `typ` is the media type `name`, with or without its `application/` prefix (RFC 7515 section
/// 4.1.9). Media types ignore case.
fn is_media_type(typ: &str, name: &str) -> bool {
    const PREFIX: &str = "application/";
    let bare = match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    };
    bare.eq_ignore_ascii_case(name)
}
