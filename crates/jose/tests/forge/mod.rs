//! Makes tokens that the crate itself cannot make: any header, any payload, genuine signatures.

#![allow(dead_code)] // Each test binary uses a part of it.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use jose::{
    AccessToken, Algorithm, ClientAssertion, Expectation, ExpectedAudience, IdToken, JoseError, Jwk, JwkSet, Purpose,
    UnixTime, Verified, verify,
};
use serde_json::{Value, json};

pub const NOW: i64 = 1_900_000_000;
pub const KID: &str = "forged";
pub const ISSUER: &str = "https://as.example";
pub const API: &str = "https://api.example";
pub const CLIENT: &str = "robot";

pub struct Forge {
    pub algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Forge {
    pub fn new(algorithm: Algorithm) -> Self {
        // One RSA key for all: making one takes longer than all tests together.
        static RSA: OnceLock<RsaKeyPair> = OnceLock::new();
        let rsa = || RSA.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap()).clone();
        let pair = match algorithm {
            Algorithm::EdDsa => Pair::Ed(Ed25519KeyPair::generate().unwrap()),
            Algorithm::Es256 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            Algorithm::Es384 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap()),
            Algorithm::Ps256 | Algorithm::Rs256 => Pair::Rsa(rsa()),
        };
        Forge { algorithm, pair }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&rng, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding = match self.algorithm {
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &rng, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// A token with this header and payload text and a genuine signature.
    pub fn token_of(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(payload));
        let signature = BASE64URL_NOPAD.encode(&self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    pub fn header(&self, typ: &str) -> Value {
        json!({ "alg": self.algorithm, "typ": typ, "kid": KID })
    }

    /// A token that is right in all respects but what its payload says.
    pub fn token(&self, typ: &str, payload: &Value) -> String {
        self.token_of(&self.header(typ).to_string(), &payload.to_string())
    }

    pub fn public_bytes(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    pub fn public_der(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ec(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    /// PKCS #8, or for RSA the PKCS #1 structure inside it.
    pub fn private_der(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ec(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.as_der().unwrap().as_ref()[26..].to_vec(),
        }
    }

    /// The public JWK with `kid` and `alg`.
    pub fn jwk(&self) -> Value {
        let bytes = self.public_bytes();
        let b64 = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Ec(_) => {
                let (x, y) = bytes[1..].split_at(bytes.len() / 2);
                let crv = if x.len() == 48 { "P-384" } else { "P-256" };
                json!({ "kty": "EC", "crv": crv, "x": b64(x), "y": b64(y) })
            }
            Pair::Ed(_) => json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&bytes) }),
            Pair::Rsa(pair) => {
                let key = pair.public_key();
                let n = b64(key.modulus().big_endian_without_leading_zero());
                let e = b64(key.exponent().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "n": n, "e": e })
            }
        };
        jwk["kid"] = KID.into();
        jwk["alg"] = self.algorithm.name().into();
        jwk
    }

    pub fn keys(&self) -> JwkSet {
        JwkSet::from_keys([Jwk::from_value(&self.jwk()).unwrap()]).unwrap()
    }

    pub fn verify_access(&self, token: &str) -> Result<Verified<AccessToken>, JoseError> {
        verify(token, &self.keys(), &expect_access())
    }

    pub fn verify_id(&self, token: &str) -> Result<Verified<IdToken>, JoseError> {
        verify(token, &self.keys(), &expect_id())
    }

    pub fn verify_assertion(&self, token: &str) -> Result<Verified<ClientAssertion>, JoseError> {
        verify(token, &self.keys(), &expect_assertion())
    }
}

pub fn encode(text: &str) -> String {
    BASE64URL_NOPAD.encode(text.as_bytes())
}

pub fn expect_access() -> Expectation<'static> {
    Expectation::new(ISSUER, ExpectedAudience::Contains(&[API]), &Algorithm::ALL, UnixTime(NOW))
}

pub fn expect_id() -> Expectation<'static> {
    Expectation::new(ISSUER, ExpectedAudience::Contains(&[CLIENT]), &Algorithm::ALL, UnixTime(NOW))
}

pub fn expect_assertion() -> Expectation<'static> {
    Expectation::new(CLIENT, ExpectedAudience::SoleString(&[ISSUER]), &Algorithm::ALL, UnixTime(NOW))
}

pub fn access_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": API, "client_id": CLIENT, "scope": "mail:read",
        "iat": NOW, "exp": NOW + 300, "jti": "0001",
    })
}

pub fn id_claims() -> Value {
    json!({ "iss": ISSUER, "sub": "alice", "aud": CLIENT, "iat": NOW, "exp": NOW + 300, "nonce": "n" })
}

pub fn assertion_claims() -> Value {
    json!({ "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "iat": NOW, "exp": NOW + 60, "jti": "0001" })
}

/// The reason for which `P` refuses; panics if it accepts.
pub fn refusal<P: Purpose>(result: Result<Verified<P>, JoseError>) -> JoseError {
    match result {
        Ok(_) => panic!("accepted"),
        Err(reason) => reason,
    }
}

/// `claims` with one member replaced.
pub fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims[name] = value.into();
    claims
}

/// `claims` with one member removed.
pub fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}
