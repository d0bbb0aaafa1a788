//! Two implementations that were written apart agree: `jsonwebtoken` reads what we sign and we read what
//! it signs.

mod forge;

use std::collections::HashSet;

use forge::{API, Forge, ISSUER, KID, NOW};
use jose::{AccessToken, Algorithm, SigningKey};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::Value;

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.name().parse().unwrap()
}

/// Their clock is the real one, so only the signature, issuer and audience are compared.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(theirs(algorithm));
    validation.validate_exp = false;
    validation.required_spec_claims = HashSet::new();
    validation.set_audience(&[API]);
    validation.set_issuer(&[ISSUER]);
    validation
}

#[test]
fn jsonwebtoken_accepts_our_tokens() {
    let claims: AccessToken = serde_json::from_value(forge::access_claims()).unwrap();
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk =
            serde_json::from_str(&serde_json::to_string(key.public_jwk()).unwrap()).unwrap();
        let token = key.sign(&claims).unwrap();
        let read = decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation(algorithm)).unwrap();
        assert_eq!(read.claims, forge::access_claims(), "{algorithm}");
        assert_eq!(read.header.kid.as_deref(), Some(key.kid()));
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));

        let mut changed = token.into_bytes();
        changed[100] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        let result = decode::<Value>(&changed, &DecodingKey::from_jwk(&jwk).unwrap(), &validation(algorithm));
        assert!(result.is_err());
    }
}

#[test]
fn we_accept_tokens_of_jsonwebtoken() {
    for algorithm in Algorithm::ALL {
        let forge = Forge::new(algorithm);
        let der = forge.private_der();
        let key = match algorithm {
            Algorithm::EdDsa => EncodingKey::from_ed_der(&der),
            Algorithm::Es256 | Algorithm::Es384 => EncodingKey::from_ec_der(&der),
            Algorithm::Ps256 | Algorithm::Rs256 => EncodingKey::from_rsa_der(&der),
        };
        let mut header = Header::new(theirs(algorithm));
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(KID.to_owned());
        let token = encode(&header, &forge::access_claims(), &key).unwrap();
        let claims = forge.verify_access(&token).unwrap().into_claims();
        assert_eq!(serde_json::to_value(&claims).unwrap(), forge::access_claims(), "{algorithm}");
        assert_eq!(claims.exp.0, NOW + 300);
    }
}

#[test]
fn thumbprints_agree_with_jsonwebtoken() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk =
            serde_json::from_str(&serde_json::to_string(key.public_jwk()).unwrap()).unwrap();
        let thumbprint = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap();
        assert_eq!(thumbprint, key.kid(), "{algorithm}");
    }
}
