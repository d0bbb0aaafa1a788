//! Proofs that clients sign: assertions (RFC 7523) and DPoP (RFC 9449), honest as made.

use serde_json::Value;
use url::Url;

use crate::cx::{Cx, Role};
use crate::forge::proofs::{client_assertion, dpop_proof};
use crate::forge::{ForgeError, KeyKind, SigningKey};
use crate::verdict::Stop;

impl From<ForgeError> for Stop {
    fn from(error: ForgeError) -> Self {
        Self::Inconclusive(format!("the probe's own key: {error}"))
    }
}

/// Seconds since 1970, by this machine's clock.
#[must_use]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

impl Role {
    /// The private key of a client that signs.
    ///
    /// # Errors
    /// Inconclusive, if the target file has none or it cannot be read.
    pub fn key(&self) -> Result<SigningKey, Stop> {
        let lacks = || Stop::inconclusive(format!("the target file names no `clients.{}.key`", self.role));
        let text = self.client.key.as_ref().ok_or_else(lacks)?;
        let jwk: Value = serde_json::from_str(text)
            .map_err(|error| Stop::inconclusive(format!("clients.{}.key is no JWK: {error}", self.role)))?;
        Ok(SigningKey::from_jwk(&jwk)?)
    }
}

impl Cx {
    /// The honest client assertion: its audience is the issuer (RFC 7523bis section 3).
    ///
    /// # Errors
    /// Inconclusive, if the client has no key.
    pub fn assertion(&self, client: &Role) -> Result<String, Stop> {
        Ok(client_assertion(&client.client_id, &self.target().issuer, now()).sign(&client.key()?)?)
    }

    /// An honest DPoP proof with a key of its own.
    ///
    /// # Errors
    /// Inconclusive, if no key can be made.
    pub fn dpop_proof(&self, method: &str, url: &Url) -> Result<String, Stop> {
        let key = SigningKey::generate(KeyKind::P256)?;
        Ok(dpop_proof(&key, method, url.as_str(), None, now()).sign(&key)?)
    }
}
