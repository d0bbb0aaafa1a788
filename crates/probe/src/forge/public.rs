//! Public keys of anyone: the server's, the probe's, and degenerate ones.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::der;

/// A public key as its numbers. Nothing is checked: a point may lie off its curve, a modulus may be short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// A point; the curve goes by the length of a coordinate (32: P-256, 48: P-384, 66: P-521).
    Ec {
        /// Big-endian x.
        x: Vec<u8>,
        /// Big-endian y.
        y: Vec<u8>,
    },
    /// An Ed25519 key.
    Ed25519 {
        /// 32 bytes.
        x: Vec<u8>,
    },
    /// An RSA key.
    Rsa {
        /// Modulus, big-endian.
        n: Vec<u8>,
        /// Exponent, big-endian.
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// From an uncompressed point (04, x, y).
    pub fn from_point(point: &[u8]) -> Self {
        let coordinates = point.get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        PublicKey::Ec { x: x.to_vec(), y: y.to_vec() }
    }

    /// From a public JWK; `None` for kinds the forge does not know.
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let member = |name: &str| BASE64URL_NOPAD.decode(jwk[name].as_str()?.as_bytes()).ok();
        match jwk["kty"].as_str()? {
            "EC" => Some(PublicKey::Ec { x: member("x")?, y: member("y")? }),
            "OKP" if jwk["crv"] == "Ed25519" => Some(PublicKey::Ed25519 { x: member("x")? }),
            "RSA" => Some(PublicKey::Rsa { n: member("n")?, e: member("e")? }),
            _ => None,
        }
    }

    /// `crv` of an EC or OKP key.
    pub fn curve(&self) -> Option<&'static str> {
        match self {
            PublicKey::Ec { x, .. } => Some(match x.len() {
                48 => "P-384",
                66 => "P-521",
                _ => "P-256",
            }),
            PublicKey::Ed25519 { .. } => Some("Ed25519"),
            PublicKey::Rsa { .. } => None,
        }
    }

    /// The required members only, in the order of RFC 7638 section 3.2.
    pub fn jwk(&self) -> Value {
        let b64 = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        match self {
            PublicKey::Ec { x, y } => json!({ "crv": self.curve(), "kty": "EC", "x": b64(x), "y": b64(y) }),
            PublicKey::Ed25519 { x } => json!({ "crv": "Ed25519", "kty": "OKP", "x": b64(x) }),
            PublicKey::Rsa { n, e } => json!({ "e": b64(e), "kty": "RSA", "n": b64(n) }),
        }
    }

    /// The RFC 7638 thumbprint by SHA-256.
    pub fn thumbprint(&self) -> String {
        // serde_json keeps members sorted by name here, which is the order the section asks for.
        BASE64URL_NOPAD.encode(digest(&SHA256, self.jwk().to_string().as_bytes()).as_ref())
    }

    /// SubjectPublicKeyInfo in DER (RFC 5280 section 4.1.2.7).
    pub fn spki_der(&self) -> Vec<u8> {
        const EC_PUBLIC_KEY: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
        const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
        const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        const NULL: &[u8] = &[0x05, 0x00];
        let (algorithm, bits) = match self {
            PublicKey::Ec { x, y } => {
                let curve: &[u8] = match x.len() {
                    48 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
                    66 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23],
                    _ => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
                };
                (der::sequence(&[EC_PUBLIC_KEY, curve]), [&[4], x.as_slice(), y].concat())
            }
            PublicKey::Ed25519 { x } => (der::sequence(&[ED25519]), x.clone()),
            PublicKey::Rsa { .. } => (der::sequence(&[RSA_ENCRYPTION, NULL]), self.pkcs1_der().unwrap_or_default()),
        };
        let bit_string = der::element(0x03, &[&[0], bits.as_slice()].concat());
        der::sequence(&[&algorithm, &bit_string])
    }

    /// RSAPublicKey in DER (RFC 8017 appendix A.1.1); `None` for other kinds.
    pub fn pkcs1_der(&self) -> Option<Vec<u8>> {
        match self {
            PublicKey::Rsa { n, e } => Some(der::sequence(&[&der::integer(n), &der::integer(e)])),
            _ => None,
        }
    }

    /// Every text and byte form of the key that a server may hold it in, and could take for an HMAC secret.
    pub fn spellings(&self) -> Vec<(&'static str, Vec<u8>)> {
        let spki = self.spki_der();
        let pem = der::pem("PUBLIC KEY", &spki);
        let mut all = vec![
            ("PEM", pem.clone().into_bytes()),
            ("PEM without the last line break", pem.trim_end().as_bytes().to_vec()),
            ("DER", spki),
            ("JWK", self.jwk().to_string().into_bytes()),
        ];
        if let Some(pkcs1) = self.pkcs1_der() {
            all.push(("PKCS #1 PEM", der::pem("RSA PUBLIC KEY", &pkcs1).into_bytes()));
        }
        match self {
            PublicKey::Ec { x, y } => all.push(("raw point", [&[4], x.as_slice(), y].concat())),
            PublicKey::Ed25519 { x } => all.push(("raw key", x.clone())),
            PublicKey::Rsa { n, .. } => all.push(("modulus", n.clone())),
        }
        all
    }
}
