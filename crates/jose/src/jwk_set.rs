//! A set of public keys, and how one is found.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::strict::Members;
use crate::{Algorithm, JoseError, Jwk};

/// Longest JWK Set text that is read, in bytes. Large providers with certificate chains stay below.
const MAX_SET_BYTES: usize = 128 * 1024;
/// Most keys in one set.
const MAX_KEYS: usize = 64;

/// Public keys of one party (RFC 7517 section 5). No two have the same `kid` and algorithm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<Members>,
}

impl JwkSet {
    /// Reads a set from JSON text, at most 128 KiB and 64 keys.
    ///
    /// Keys that this crate has no use for (other types, curves, algorithms, `use: enc`) are left out,
    /// as RFC 7517 section 5 asks. Keys that should not exist (private, symmetric, weak, malformed)
    /// refuse the whole set: better no keys than the keys of someone who publishes such.
    ///
    /// # Errors
    /// [`JoseError::TooLong`], [`JoseError::Duplicate`] for two keys with one `kid` and algorithm, and
    /// those of [`Jwk::parse`].
    pub fn parse(json: &str) -> Result<Self, JoseError> {
        if json.len() > MAX_SET_BYTES {
            return Err(JoseError::TooLong);
        }
        Self::from_raw(serde_json::from_str(json).map_err(|_| JoseError::Key)?)
    }

    /// Reads a set from parsed JSON. Whoever parsed it has already decided about duplicate names.
    ///
    /// # Errors
    /// As [`JwkSet::parse`].
    pub fn from_value(value: &Value) -> Result<Self, JoseError> {
        Self::from_raw(RawSet::deserialize(value).map_err(|_| JoseError::Key)?)
    }

    /// Makes a set of these keys.
    ///
    /// # Errors
    /// [`JoseError::TooLong`] for more than 64 keys, [`JoseError::Duplicate`] for two keys with one
    /// `kid` and algorithm: a lookup must not depend on their order.
    pub fn from_keys(keys: impl IntoIterator<Item = Jwk>) -> Result<Self, JoseError> {
        let mut set = JwkSet::default();
        for key in keys {
            if set.keys.len() >= MAX_KEYS {
                return Err(JoseError::TooLong);
            }
            if set.find(key.kid(), key.algorithm()).is_some() {
                return Err(JoseError::Duplicate);
            }
            set.keys.push(key);
        }
        Ok(set)
    }

    fn from_raw(raw: RawSet) -> Result<Self, JoseError> {
        if raw.keys.len() > MAX_KEYS {
            return Err(JoseError::TooLong);
        }
        let mut keys = Vec::with_capacity(raw.keys.len());
        for members in &raw.keys {
            match Jwk::from_members(&members.0) {
                Ok(key) => keys.push(key),
                Err(JoseError::UnsupportedKey | JoseError::Algorithm) => {}
                Err(other) => return Err(other),
            }
        }
        Self::from_keys(keys)
    }

    /// The key with this `kid` and algorithm.
    #[must_use]
    pub fn find(&self, kid: &str, algorithm: Algorithm) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == kid && key.algorithm() == algorithm)
    }

    /// The key a token header asks for. `kid` is a name among the keys already here and nothing else:
    /// an unknown one loads nothing.
    ///
    /// # Errors
    /// [`JoseError::Algorithm`] if a key has the name but another algorithm, else
    /// [`JoseError::KeyNotFound`], also when there is no `kid` and not exactly one key fits.
    pub(crate) fn select(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Jwk, JoseError> {
        // defends: jwt-key-injection, jwt-algorithm-substitution
        let Some(kid) = kid else {
            let mut fitting = self.keys.iter().filter(|key| key.algorithm() == algorithm);
            return match (fitting.next(), fitting.next()) {
                (Some(key), None) => Ok(key),
                (None, _) if !self.keys.is_empty() => Err(JoseError::Algorithm),
                _ => Err(JoseError::KeyNotFound),
            };
        };
        match self.find(kid, algorithm) {
            Some(key) => Ok(key),
            None if self.keys.iter().any(|key| key.kid() == kid) => Err(JoseError::Algorithm),
            None => Err(JoseError::KeyNotFound),
        }
    }

    /// The keys, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The set as a JSON document, public members only: the body of `/jwks`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Maps with string keys and string values always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// As [`JwkSet::parse`], for use inside larger documents such as client metadata.
impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JwkSet::from_raw(RawSet::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
