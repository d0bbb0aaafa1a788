//! Verification, for controls only: was this token good before it was bent?

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaParameters, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;

use super::{Decoded, PublicKey, decode, hmac};

/// Why a token does not verify.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum VerifyError {
    /// Three parts of base64url with two JSON objects were expected.
    #[error("it is not a compact JWT")]
    Shape,
    /// The header names no algorithm that the probe can verify.
    #[error("its algorithm `{0}` is none that the probe verifies")]
    Algorithm(String),
    /// No key of the set has the `kid`, or fits the algorithm.
    #[error("no key of the set fits it")]
    Key,
    /// The signature is not by that key.
    #[error("its signature is not by the key of the set")]
    Signature,
}

/// Takes `token` apart if a key of `jwks` (RFC 7517 section 5) signed it. Claims are not looked at.
pub fn verify(token: &str, jwks: &Value) -> Result<Decoded, VerifyError> {
    let decoded = decode(token).ok_or(VerifyError::Shape)?;
    let alg = decoded.header["alg"].as_str().unwrap_or_default();
    let known = matches!(alg, "ES256" | "ES384" | "ES512" | "EdDSA" | "Ed25519") || rsa(alg).is_some();
    if !known {
        return Err(VerifyError::Algorithm(alg.to_owned()));
    }
    let kid = &decoded.header["kid"];
    let candidates: Vec<PublicKey> = jwks["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|jwk| kid.is_null() || jwk["kid"] == *kid)
        .filter_map(PublicKey::from_jwk)
        .filter(|key| fits(key, alg))
        .collect();
    if candidates.is_empty() {
        return Err(VerifyError::Key);
    }
    let message = decoded.signing_input.as_bytes();
    if candidates.iter().any(|key| signed(key, alg, message, &decoded.signature)) {
        Ok(decoded)
    } else {
        Err(VerifyError::Signature)
    }
}

/// Whether an HS-family token was made with `secret`.
pub fn made_with(decoded: &Decoded, secret: &[u8]) -> bool {
    let alg = decoded.header["alg"].as_str().unwrap_or_default();
    alg.starts_with("HS") && hmac(alg, secret, decoded.signing_input.as_bytes()) == decoded.signature
}

fn fits(key: &PublicKey, alg: &str) -> bool {
    match key {
        PublicKey::Ec { x, .. } => matches!((alg, x.len()), ("ES256", 32) | ("ES384", 48) | ("ES512", 66)),
        PublicKey::Ed25519 { .. } => matches!(alg, "EdDSA" | "Ed25519"),
        PublicKey::Rsa { .. } => rsa(alg).is_some(),
    }
}

fn signed(key: &PublicKey, alg: &str, message: &[u8], signature: &[u8]) -> bool {
    match key {
        PublicKey::Ec { x, y } => {
            let algorithm: &'static dyn VerificationAlgorithm = match alg {
                "ES384" => &ECDSA_P384_SHA384_FIXED,
                "ES512" => &ECDSA_P521_SHA512_FIXED,
                _ => &ECDSA_P256_SHA256_FIXED,
            };
            let point = [&[4], x.as_slice(), y].concat();
            UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok()
        }
        PublicKey::Ed25519 { x } => UnparsedPublicKey::new(&ED25519, x).verify(message, signature).is_ok(),
        PublicKey::Rsa { .. } => match (rsa(alg), key.pkcs1_der()) {
            (Some(algorithm), Some(der)) => UnparsedPublicKey::new(algorithm, der).verify(message, signature).is_ok(),
            _ => false,
        },
    }
}

fn rsa(alg: &str) -> Option<&'static RsaParameters> {
    Some(match alg {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "PS384" => &RSA_PSS_2048_8192_SHA384,
        "PS512" => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
