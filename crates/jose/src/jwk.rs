//! One public key, checked before it can verify anything.

use std::fmt;

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaPublicKeyComponents};
use data_encoding::BASE64URL_NOPAD;
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::strict::Members;
use crate::{Algorithm, JoseError, sha256};

/// Longest JWK text that is read, in bytes. A 4096-bit RSA key with a certificate chain fits.
const MAX_JWK_BYTES: usize = 16 * 1024;
/// Longest `kid`, in bytes.
const MAX_KID_BYTES: usize = 256;
/// RSA moduli below this many bits are refused (RFC 7518 section 3.3).
const MIN_RSA_BITS: usize = 2048;
/// decision: larger moduli are refused too, because the owner of the key decides how long we compute.
const MAX_RSA_BITS: usize = 4096;

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

/// The public numbers as base64url, the form in which they are hashed and published.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Numbers {
    Ec {
        crv: &'static str,
        x: String,
        y: String,
    },
    Okp {
        x: String,
    },
    Rsa {
        n: String,
        e: String,
    },
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
        if PRIVATE_MEMBERS
            .iter()
            .any(|name| members.contains_key(*name))
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
            Some(Value::String(name)) => {
                Some(Algorithm::from_name(name).ok_or(JoseError::Algorithm)?)
            }
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

    pub(crate) fn new(
        numbers: Numbers,
        algorithm: Algorithm,
        kid: String,
    ) -> Result<Self, JoseError> {
        // Bound here for good: a header is later only compared with it.
        // defends: jwt-algorithm-substitution
        let key = numbers.public_key(algorithm)?;
        Ok(Jwk {
            kid,
            algorithm,
            numbers,
            key,
        })
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

    /// Checks `signature` over `message`. A wrong "yes" here is a forged token everywhere.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        // The library refuses r or s of zero or not below the order, and every width but the fixed one.
        // Of (r, s) and (r, n - s) both are valid by the standard: replay is stopped by jti, never by
        // comparing token texts.  defends: jwt-weak-key-or-signature
        self.key
            .verify_sig(message, signature)
            .map_err(|_| JoseError::Signature)
    }
}

impl Numbers {
    fn from_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        let text = |name: &str| {
            members
                .get(name)
                .and_then(Value::as_str)
                .ok_or(JoseError::Key)
        };
        let number = |name: &str| text(name).map(str::to_owned);
        match text("kty")? {
            "EC" => {
                let crv = match text("crv")? {
                    "P-256" => "P-256",
                    "P-384" => "P-384",
                    _ => return Err(JoseError::UnsupportedKey),
                };
                Ok(Numbers::Ec {
                    crv,
                    x: number("x")?,
                    y: number("y")?,
                })
            }
            "OKP" if text("crv")? == "Ed25519" => Ok(Numbers::Okp { x: number("x")? }),
            "RSA" => Ok(Numbers::Rsa {
                n: number("n")?,
                e: number("e")?,
            }),
            _ => Err(JoseError::UnsupportedKey),
        }
    }

    fn default_algorithm(&self) -> Algorithm {
        match self {
            Numbers::Ec { crv: "P-384", .. } => Algorithm::Es384,
            Numbers::Ec { .. } => Algorithm::Es256,
            Numbers::Okp { .. } => Algorithm::EdDsa,
            Numbers::Rsa { .. } => Algorithm::Rs256,
        }
    }

    fn public_key(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, JoseError> {
        match (self, algorithm) {
            (Numbers::Okp { x }, Algorithm::EdDsa) => ed25519_key(&decode(x)?),
            (Numbers::Ec { crv: "P-256", x, y }, Algorithm::Es256) => ec_key(algorithm, 32, x, y),
            (Numbers::Ec { crv: "P-384", x, y }, Algorithm::Es384) => ec_key(algorithm, 48, x, y),
            (Numbers::Rsa { n, e }, Algorithm::Ps256 | Algorithm::Rs256) => {
                rsa_key(algorithm, &decode(n)?, &decode(e)?)
            }
            _ => Err(JoseError::Algorithm),
        }
    }

    /// RFC 7638 section 3: the required members, in the order of their names, without spaces. The
    /// values were checked to be base64url, so nothing needs escaping.
    pub(crate) fn thumbprint(&self) -> String {
        let canonical = match self {
            Numbers::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Numbers::Okp { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Numbers::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        BASE64URL_NOPAD.encode(&sha256(canonical.as_bytes()))
    }

    /// The type-specific public members, with `kty` first.
    pub(crate) fn members(&self) -> Vec<(&'static str, &str)> {
        match self {
            Numbers::Ec { crv, x, y } => vec![("kty", "EC"), ("crv", crv), ("x", x), ("y", y)],
            Numbers::Okp { x } => vec![("kty", "OKP"), ("crv", "Ed25519"), ("x", x)],
            Numbers::Rsa { n, e } => vec![("kty", "RSA"), ("n", n), ("e", e)],
        }
    }
}

/// Strict base64url: no padding, no other alphabet, no stray bits behind the last byte.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, JoseError> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| JoseError::Key)
}

/// `kid` is an opaque name. It is compared, and never used as a path, query or address; the limits keep
/// it harmless in logs as well.  defends: jwt-key-injection
pub(crate) fn is_kid(kid: &str) -> bool {
    !kid.is_empty()
        && kid.len() <= MAX_KID_BYTES
        && kid
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ')
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
            let fits = operations
                .iter()
                .any(|name| name.as_str() == Some(operation));
            if fits {
                Ok(())
            } else {
                Err(JoseError::UnsupportedKey)
            }
        }
        Some(_) => Err(JoseError::Key),
    }
}

fn ec_key(
    algorithm: Algorithm,
    width: usize,
    x: &str,
    y: &str,
) -> Result<ParsedPublicKey, JoseError> {
    let (x, y) = (decode(x)?, decode(y)?);
    // RFC 7518 section 6.2.1.2: the full width of the curve, leading zeros included.
    if x.len() != width || y.len() != width {
        return Err(JoseError::Key);
    }
    let point = [&[0x04][..], &x, &y].concat();
    // Parsing checks that the point lies on the curve.  defends: jwt-weak-key-or-signature
    ParsedPublicKey::new(algorithm.verification(), point).map_err(|_| JoseError::WeakKey)
}

/// The y coordinates (little-endian, sign bit cleared) of all points of small order on edwards25519.
const SMALL_ORDER_Y: [[u8; 32]; 5] = {
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    let mut one = [0; 32];
    one[0] = 1;
    [
        [0; 32],
        one,
        minus_one,
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ]
};

fn ed25519_key(x: &[u8]) -> Result<ParsedPublicKey, JoseError> {
    let mut y: [u8; 32] = x.try_into().map_err(|_| JoseError::Key)?;
    y[31] &= 0x7f;
    // Some signatures verify under a point of small order whatever the message. y must also be reduced
    // below p = 2^255 - 19 (RFC 8032 section 5.1.3), so that one key has one spelling and thumbprint.
    // defends: jwt-weak-key-or-signature
    let reduced = !(y[31] == 0x7f && y[1..31].iter().all(|byte| *byte == 0xff) && y[0] >= 0xed);
    if !reduced || SMALL_ORDER_Y.contains(&y) {
        return Err(JoseError::WeakKey);
    }
    ParsedPublicKey::new(Algorithm::EdDsa.verification(), x).map_err(|_| JoseError::WeakKey)
}

fn rsa_key(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<ParsedPublicKey, JoseError> {
    // RFC 7518 section 2: Base64urlUInt uses the fewest bytes, so there is one spelling of a number.
    let (Some(&first), Some(&last)) = (n.first(), n.last()) else {
        return Err(JoseError::Key);
    };
    if first == 0 || e.first().is_none_or(|byte| *byte == 0) {
        return Err(JoseError::Key);
    }
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    let exponent = e
        .iter()
        .take(5)
        .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    // Small moduli can be factored, small exponents turn padding slips into forgeries, and an exponent
    // of 1 makes every message its own signature.  defends: jwt-weak-key-or-signature
    if bits < MIN_RSA_BITS || last % 2 == 0 || exponent < 65537 || exponent % 2 == 0 {
        return Err(JoseError::WeakKey);
    }
    if bits > MAX_RSA_BITS || e.len() > 4 {
        return Err(JoseError::UnsupportedKey);
    }
    let parameters = match algorithm {
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        _ => &signature::RSA_PKCS1_2048_8192_SHA256,
    };
    let key = RsaPublicKeyComponents { n, e };
    let key = key
        .to_parsed_public_key(parameters)
        .map_err(|_| JoseError::WeakKey)?;
    // Reading the DER again runs the library's own checks on the key, which the line above skips.
    ParsedPublicKey::new(parameters, key.as_ref()).map_err(|_| JoseError::WeakKey)
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid && self.algorithm == other.algorithm && self.numbers == other.numbers
    }
}

impl Eq for Jwk {}

impl Jwk {
    pub(crate) fn numbers(&self) -> &Numbers {
        &self.numbers
    }
}

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
