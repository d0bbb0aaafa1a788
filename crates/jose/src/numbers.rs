//! The public numbers of a key, and the checks that make them a usable key.

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaPublicKeyComponents};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use crate::{Algorithm, JoseError, sha256};

/// RSA moduli below this many bits are refused (RFC 7518 section 3.3).
const MIN_RSA_BITS: usize = 2048;
/// decision: larger moduli are refused too, because the owner of the key decides how long we compute.
const MAX_RSA_BITS: usize = 4096;

/// The public numbers as base64url, the form in which they are hashed and published.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Numbers {
    Ec { crv: &'static str, x: String, y: String },
    Okp { x: String },
    Rsa { n: String, e: String },
}

impl Numbers {
    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        let text = |name: &str| members.get(name).and_then(Value::as_str).ok_or(JoseError::Key);
        let number = |name: &str| text(name).map(str::to_owned);
        match text("kty")? {
            "EC" => {
                let crv = match text("crv")? {
                    "P-256" => "P-256",
                    "P-384" => "P-384",
                    _ => return Err(JoseError::UnsupportedKey),
                };
                Ok(Numbers::Ec { crv, x: number("x")?, y: number("y")? })
            }
            "OKP" if text("crv")? == "Ed25519" => Ok(Numbers::Okp { x: number("x")? }),
            "RSA" => Ok(Numbers::Rsa { n: number("n")?, e: number("e")? }),
            _ => Err(JoseError::UnsupportedKey),
        }
    }

    pub(crate) fn default_algorithm(&self) -> Algorithm {
        match self {
            Numbers::Ec { crv: "P-384", .. } => Algorithm::Es384,
            Numbers::Ec { .. } => Algorithm::Es256,
            Numbers::Okp { .. } => Algorithm::EdDsa,
            Numbers::Rsa { .. } => Algorithm::Rs256,
        }
    }

    pub(crate) fn public_key(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, JoseError> {
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
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| JoseError::Key)
}

fn ec_key(algorithm: Algorithm, width: usize, x: &str, y: &str) -> Result<ParsedPublicKey, JoseError> {
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
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
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
    // decision: longer exponents only cost time, and nobody needs one.
    if bits > MAX_RSA_BITS || e.len() > 4 {
        return Err(JoseError::UnsupportedKey);
    }
    let exponent = e.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
    // Small moduli can be factored, small exponents turn padding slips into forgeries, and an exponent
    // of 1 makes every message its own signature.  defends: jwt-weak-key-or-signature
    if bits < MIN_RSA_BITS || last % 2 == 0 || exponent < 65537 || exponent % 2 == 0 {
        return Err(JoseError::WeakKey);
    }
    let parameters = match algorithm {
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        _ => &signature::RSA_PKCS1_2048_8192_SHA256,
    };
    let key = RsaPublicKeyComponents { n, e };
    let key = key.to_parsed_public_key(parameters).map_err(|_| JoseError::WeakKey)?;
    // Reading the DER again runs the library's own checks on the key, which the line above skips.
    ParsedPublicKey::new(parameters, key.as_ref()).map_err(|_| JoseError::WeakKey)
}
