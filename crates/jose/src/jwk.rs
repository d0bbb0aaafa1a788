//! One public key, checked before it can verify anything.

use std::fmt;

use aws_lc_rs::signature::ParsedPublicKey;
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::numbers::Numbers;
use crate::strict::Members;
use crate::{Algorithm, JoseError};

/// Longest JWK text that is read, in bytes. A 4096-bit RSA key with a certificate chain fits.
const MAX_JWK_BYTES: usize = 16 * 1024;
/// Longest `kid`, in bytes.
const MAX_KID_BYTES: usize = 256;
/// The members of RFC 7518 section 6 that hold private or symmetric material.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key for verifying signatures (RFC 7517), parsed and checked once.
///
/// A key has exactly one [`Algorithm`], fixed when it is read: by `kty` and `crv`, and for RSA by `alg`.
/// An RSA key without `alg` is an RS256 key, the default of OpenID Connect; [`Jwk::with_algorithm`]
/// changes that on the word of a registration. Nothing in a token can.
///
/// Every key has a `kid`: its own, or else its thumbprint.
#[derive(Clone)]
pub struct Jwk {
    kid: String,
    algorithm: Algorithm,
    numbers: Numbers,
    key: ParsedPublicKey,
}

impl Jwk {
    /// Reads one JWK from JSON text.
    ///
    /// # Errors
    /// [`JoseError::PrivateKey`] if it holds private members or is symmetric; [`JoseError::WeakKey`] for
    /// RSA below 2048 bits, exponents that are even or below 65537, and points that are off the curve or
    /// of small order; [`JoseError::UnsupportedKey`] for other types, curves and uses;
    /// [`JoseError::Algorithm`] if `alg` does not fit the type; [`JoseError::Key`] or
    /// [`JoseError::TooLong`] for the rest.
    pub fn parse(json: &str) -> Result<Self, JoseError> {
        if json.len() > MAX_JWK_BYTES {
            return Err(JoseError::TooLong);
        }
        let members: Members = serde_json::from_str(json).map_err(|_| JoseError::Key)?;
        Self::from_members(&members.0)
    }

    /// Reads one JWK from parsed JSON. Whoever parsed it has already decided about duplicate names.
    ///
    /// # Errors
    /// As [`Jwk::parse`].
    pub fn from_value(value: &Value) -> Result<Self, JoseError> {
        Self::from_members(value.as_object().ok_or(JoseError::Key)?)
    }

    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        // A client that registers its private key has lost it; using the public half would hide that.
        // A symmetric key would turn a published key into a signing secret.
        // defends: jwt-algorithm-substitution
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name))
            || members.get("kty").and_then(Value::as_str) == Some("oct")
        {
            return Err(JoseError::PrivateKey);
        }
        check_use(members, "verify")?;
        Self::from_public_members(members)
    }

    /// The public half of a public or private JWK.
    pub(crate) fn from_public_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        let numbers = Numbers::from_members(members)?;
        let declared = match members.get("alg") {
            None => None,
            Some(Value::String(name)) => Some(Algorithm::from_name(name).ok_or(JoseError::Algorithm)?),
            Some(_) => return Err(JoseError::Key),
        };
        let algorithm = declared.unwrap_or_else(|| numbers.default_algorithm());
        let kid = match members.get("kid") {
            None => numbers.thumbprint(),
            Some(Value::String(kid)) if is_kid(kid) => kid.clone(),
            Some(_) => return Err(JoseError::Key),
        };
        Self::new(numbers, algorithm, kid)
    }

    pub(crate) fn new(numbers: Numbers, algorithm: Algorithm, kid: String) -> Result<Self, JoseError> {
        // Bound here for good: a header is later only compared with it.
        // defends: jwt-algorithm-substitution
        let key = numbers.public_key(algorithm)?;
        Ok(Jwk { kid, algorithm, numbers, key })
    }

    /// The same key for another algorithm, for registrations that name one (such as
    /// `token_endpoint_auth_signing_alg`) beside a JWK that does not. Only RSA has a choice.
    ///
    /// # Errors
    /// [`JoseError::Algorithm`] if the key type does not fit `algorithm`.
    pub fn with_algorithm(&self, algorithm: Algorithm) -> Result<Self, JoseError> {
        Self::new(self.numbers.clone(), algorithm, self.kid.clone())
    }

    /// The `kid` of the JWK, or its thumbprint if it had none. Printable ASCII, at most 256 bytes.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The SHA-256 thumbprint of RFC 7638 (for Ed25519 RFC 8037 section 2), in base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.numbers.thumbprint()
    }

    pub(crate) fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Checks `signature` over `message`. A wrong "yes" here is a forged token everywhere.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        // The library refuses r or s of zero or not below the order, and every width but the fixed one.
        // Of (r, s) and (r, n - s) both are valid by the standard: replay is stopped by jti, never by
        // comparing token texts.  defends: jwt-weak-key-or-signature
        self.key.verify_sig(message, signature).map_err(|_| JoseError::Signature)
    }
}

/// `kid` is an opaque name. It is compared, and never used as a path, query or address; the limits keep
/// it harmless in logs as well.  defends: jwt-key-injection
pub(crate) fn is_kid(kid: &str) -> bool {
    !kid.is_empty() && kid.len() <= MAX_KID_BYTES && kid.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

/// RFC 7517 sections 4.2 and 4.3: a key for encryption must not verify, and the reverse.
pub(crate) fn check_use(members: &Map<String, Value>, operation: &str) -> Result<(), JoseError> {
    match members.get("use") {
        None => {}
        Some(Value::String(text)) if text == "sig" => {}
        Some(Value::String(_)) => return Err(JoseError::UnsupportedKey),
        Some(_) => return Err(JoseError::Key),
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) => {
            let repeated = (1..operations.len()).any(|i| operations[..i].contains(&operations[i]));
            if repeated || !operations.iter().all(Value::is_string) {
                return Err(JoseError::Key);
            }
            let fits = operations.iter().any(|name| name.as_str() == Some(operation));
            if fits { Ok(()) } else { Err(JoseError::UnsupportedKey) }
        }
        Some(_) => Err(JoseError::Key),
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk").field("kid", &self.kid).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid && self.algorithm == other.algorithm && self.numbers == other.numbers
    }
}

impl Eq for Jwk {}

/// Writes the public members, `kid`, `alg` and `use`. Unknown members of the source are not kept.
impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.numbers.members() {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("kid", &self.kid)?;
        map.serialize_entry("alg", &self.algorithm)?;
        map.serialize_entry("use", "sig")?;
        map.end()
    }
}

/// As [`Jwk::parse`], duplicate names refused, for use inside larger documents.
impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        Jwk::from_members(&members.0).map_err(D::Error::custom)
    }
}
