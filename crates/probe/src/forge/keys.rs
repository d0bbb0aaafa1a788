//! Keys that the probe signs with: made here, or read from a target file.

use aws_lc_rs::encoding::{AsBigEndian, AsDer};
use aws_lc_rs::hmac as mac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{PublicKey, der};

/// What kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on P-256, for ES256.
    P256,
    /// ECDSA on P-384, for ES384.
    P384,
    /// Ed25519, for EdDSA.
    Ed25519,
    /// RSA of 2048 bits, for the RS and PS families.
    Rsa2048,
}

/// Why the forge could not make a key or a signature.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ForgeError {
    /// The JWK is not a private key of a kind the forge knows.
    #[error("the JWK is not a private EC, OKP or RSA key: {0}")]
    Jwk(&'static str),
    /// The key cannot sign by this algorithm.
    #[error("a {kty} key cannot sign by {alg}")]
    Algorithm {
        /// `kty` of the key.
        kty: &'static str,
        /// The algorithm asked for.
        alg: String,
    },
    /// The crypto library refused.
    #[error("the cryptographic library refused")]
    Library,
}

impl From<aws_lc_rs::error::Unspecified> for ForgeError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        ForgeError::Library
    }
}

impl From<aws_lc_rs::error::KeyRejected> for ForgeError {
    fn from(_: aws_lc_rs::error::KeyRejected) -> Self {
        ForgeError::Library
    }
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// A private key with its `kid`. The probe's own: it guards nothing but the probe's test clients.
pub struct SigningKey {
    pair: Pair,
    kid: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({} {})", self.kty(), self.kid)
    }
}

impl SigningKey {
    /// A fresh key; its `kid` is the RFC 7638 thumbprint.
    pub fn generate(kind: KeyKind) -> Result<Self, ForgeError> {
        Self::of(match kind {
            KeyKind::P256 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            KeyKind::P384 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)?),
            KeyKind::Ed25519 => Pair::Ed(Ed25519KeyPair::generate()?),
            KeyKind::Rsa2048 => Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048)?)),
        })
    }

    /// Reads a private JWK (RFC 7517). A `kid` in it is kept.
    pub fn from_jwk(jwk: &Value) -> Result<Self, ForgeError> {
        let member = |name: &'static str| -> Result<Vec<u8>, ForgeError> {
            let text = jwk[name].as_str().ok_or(ForgeError::Jwk(name))?;
            BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| ForgeError::Jwk(name))
        };
        let pair = match (jwk["kty"].as_str(), jwk["crv"].as_str()) {
            (Some("EC"), Some(crv @ ("P-256" | "P-384"))) => {
                let algorithm: &EcdsaSigningAlgorithm =
                    if crv == "P-256" { &ECDSA_P256_SHA256_FIXED_SIGNING } else { &ECDSA_P384_SHA384_FIXED_SIGNING };
                let point = [vec![4], member("x")?, member("y")?].concat();
                Pair::Ec(EcdsaKeyPair::from_private_key_and_public_key(algorithm, &member("d")?, &point)?)
            }
            (Some("OKP"), Some("Ed25519")) => {
                Pair::Ed(Ed25519KeyPair::from_seed_and_public_key(&member("d")?, &member("x")?)?)
            }
            (Some("RSA"), _) => Pair::Rsa(Box::new(RsaKeyPair::from_components(&KeyPairComponents {
                public_key: PublicKeyComponents { n: member("n")?, e: member("e")? },
                d: member("d")?,
                p: member("p")?,
                q: member("q")?,
                dP: member("dp")?,
                dQ: member("dq")?,
                qInv: member("qi")?,
            })?)),
            _ => return Err(ForgeError::Jwk("kty")),
        };
        let mut key = Self::of(pair)?;
        if let Some(kid) = jwk["kid"].as_str() {
            key.kid = kid.to_owned();
        }
        Ok(key)
    }

    fn of(pair: Pair) -> Result<Self, ForgeError> {
        let mut key = SigningKey { pair, kid: String::new() };
        key.kid = key.public().thumbprint();
        Ok(key)
    }

    /// The key's name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The same key under another name.
    #[must_use]
    pub fn named(mut self, kid: &str) -> Self {
        self.kid = kid.to_owned();
        self
    }

    /// `kty` of the JWK.
    pub fn kty(&self) -> &'static str {
        match &self.pair {
            Pair::Ec(_) => "EC",
            Pair::Ed(_) => "OKP",
            Pair::Rsa(_) => "RSA",
        }
    }

    /// The usual algorithm of the key: ES256, ES384, EdDSA or RS256.
    pub fn algorithm(&self) -> &'static str {
        match &self.pair {
            Pair::Ec(pair) if pair.public_key().as_ref().len() == 65 => "ES256",
            Pair::Ec(_) => "ES384",
            Pair::Ed(_) => "EdDSA",
            Pair::Rsa(_) => "RS256",
        }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        match &self.pair {
            Pair::Ec(pair) => PublicKey::from_point(pair.public_key().as_ref()),
            Pair::Ed(pair) => PublicKey::Ed25519 { x: pair.public_key().as_ref().to_vec() },
            Pair::Rsa(pair) => PublicKey::Rsa {
                n: pair.public_key().modulus().big_endian_without_leading_zero().to_vec(),
                e: pair.public_key().exponent().big_endian_without_leading_zero().to_vec(),
            },
        }
    }

    /// The public JWK, with `kid`, `use` and `alg`, as it is registered.
    pub fn public_jwk(&self) -> Value {
        let mut jwk = self.public().jwk();
        jwk["kid"] = self.kid.clone().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = self.algorithm().into();
        jwk
    }

    /// The private JWK, for a target file.
    pub fn private_jwk(&self) -> Result<Value, ForgeError> {
        let mut jwk = self.public_jwk();
        match &self.pair {
            Pair::Ec(pair) => {
                let d: aws_lc_rs::encoding::EcPrivateKeyBin = pair.private_key().as_be_bytes()?;
                jwk["d"] = BASE64URL_NOPAD.encode(d.as_ref()).into();
            }
            Pair::Ed(pair) => {
                let d = pair.seed()?.as_be_bytes()?;
                jwk["d"] = BASE64URL_NOPAD.encode(d.as_ref()).into();
            }
            Pair::Rsa(pair) => {
                let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der = pair.as_der()?;
                // version, n, e, d, p, q, dp, dq, qi
                let integers = der::rsa_private_integers(pkcs8.as_ref()).ok_or(ForgeError::Library)?;
                for (name, value) in ["d", "p", "q", "dp", "dq", "qi"].iter().zip(integers.iter().skip(3)) {
                    jwk[*name] = BASE64URL_NOPAD.encode(value).into();
                }
            }
        }
        Ok(jwk)
    }

    /// A set with this key alone.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.public_jwk()] })
    }

    /// The JOSE signature of `message` by `alg` (RFC 7518 section 3.1).
    pub fn sign(&self, alg: &str, message: &[u8]) -> Result<Vec<u8>, ForgeError> {
        let unfit = || ForgeError::Algorithm { kty: self.kty(), alg: alg.to_owned() };
        match &self.pair {
            Pair::Ec(pair) if alg == self.algorithm() => {
                Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec())
            }
            Pair::Ed(pair) if matches!(alg, "EdDSA" | "Ed25519") => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let padding: &'static dyn RsaEncoding = match alg {
                    "RS256" => &RSA_PKCS1_SHA256,
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => return Err(unfit()),
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            _ => Err(unfit()),
        }
    }
}

/// HMAC of `message` by HS256, HS384 or HS512; any other name counts as HS256. `secret` may be empty.
pub fn hmac(alg: &str, secret: &[u8], message: &[u8]) -> Vec<u8> {
    let algorithm = match alg {
        "HS384" => mac::HMAC_SHA384,
        "HS512" => mac::HMAC_SHA512,
        _ => mac::HMAC_SHA256,
    };
    mac::sign(&mac::Key::new(algorithm, secret), message).as_ref().to_vec()
}
