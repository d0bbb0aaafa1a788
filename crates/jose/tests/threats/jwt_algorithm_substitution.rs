use aws_lc_rs::hmac;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jose::{Algorithm, Expectation, ExpectedAudience, JoseError, Jwk, JwkSet, UnixTime, verify};
use serde_json::{Value, json};

use crate::forge::*;

#[test]
fn jwt_algorithm_substitution_the_honest_token_is_accepted() {
    for algorithm in Algorithm::ALL {
        let forge = Forge::new(algorithm);
        let verified = forge.verify_access(&forge.token("at+jwt", &access_claims())).unwrap();
        assert_eq!((verified.kid(), verified.algorithm()), (KID, algorithm));
        assert_eq!(verified.into_claims().sub, "alice");
    }
}

#[test]
fn jwt_algorithm_substitution_none_is_refused() {
    let spellings = [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("noNe"),
        json!("none "),
        json!("\u{0}none"),
        json!(""),
        json!("null"),
        json!(null),
        json!(0),
        json!(["none"]),
        json!(["ES256"]),
    ];
    let forge = Forge::new(Algorithm::Es256);
    for alg in spellings {
        let header = json!({ "alg": alg, "typ": "at+jwt", "kid": KID }).to_string();
        let signed = forge.token_of(&header, &access_claims().to_string());
        let (unsigned, _) = signed.rsplit_once('.').unwrap();
        for token in [signed.clone(), format!("{unsigned}.")] {
            assert_eq!(refusal(forge.verify_access(&token)), JoseError::Algorithm, "{alg}");
        }
    }
    let no_alg = forge.token_of(r#"{"typ":"at+jwt","kid":"forged"}"#, &access_claims().to_string());
    assert_eq!(refusal(forge.verify_access(&no_alg)), JoseError::Algorithm);
    assert!(JoseError::Algorithm.is_algorithm());
}

#[test]
fn jwt_algorithm_substitution_names_are_case_sensitive() {
    for name in ["es256", "ES256 ", "Es256", "ES256K", "ES512", "ed25519", "Ed448", "eddsa", "RS512", "HS256", "RSA-OAEP"] {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
        assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.name());
    }
}

#[test]
fn jwt_algorithm_substitution_hmac_with_the_public_key_is_refused() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let forge = Forge::new(algorithm);
        let der = forge.public_der();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(&der));
        let secrets = [der, pem.into_bytes(), forge.jwk().to_string().into_bytes(), forge.public_bytes(), vec![]];
        for secret in secrets {
            for (name, hash) in
                [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
            {
                let header = json!({ "alg": name, "typ": "at+jwt", "kid": KID }).to_string();
                let signed = format!("{}.{}", encode(&header), encode(&access_claims().to_string()));
                let tag = hmac::sign(&hmac::Key::new(hash, &secret), signed.as_bytes());
                let token = format!("{signed}.{}", BASE64URL_NOPAD.encode(tag.as_ref()));
                assert_eq!(refusal(forge.verify_access(&token)), JoseError::Algorithm);
            }
        }
    }
}

#[test]
fn jwt_algorithm_substitution_a_header_cannot_change_the_algorithm_of_a_key() {
    for signer in Algorithm::ALL {
        let forge = Forge::new(signer);
        for claimed in Algorithm::ALL.into_iter().filter(|claimed| *claimed != signer) {
            for kid in [json!(KID), Value::Null] {
                let mut header = json!({ "alg": claimed, "typ": "at+jwt", "kid": kid });
                if kid.is_null() {
                    header.as_object_mut().unwrap().remove("kid");
                }
                let token = forge.token_of(&header.to_string(), &access_claims().to_string());
                assert_eq!(refusal(forge.verify_access(&token)), JoseError::Algorithm, "{signer} {claimed}");
            }
        }
    }
}

#[test]
fn jwt_algorithm_substitution_the_same_rsa_key_does_not_change_its_padding() {
    // A genuine PS256 signature by the very key that is registered for RS256.
    let (pss, pkcs1) = (Forge::new(Algorithm::Ps256), Forge::new(Algorithm::Rs256));
    assert_eq!(pss.public_der(), pkcs1.public_der());
    let token = pss.token("at+jwt", &access_claims());
    assert!(pss.verify_access(&token).is_ok());
    assert_eq!(refusal(pkcs1.verify_access(&token)), JoseError::Algorithm);
    // Saying RS256 in the header does not make it one.
    let mislabelled = pss.token_of(&pkcs1.header("at+jwt").to_string(), &access_claims().to_string());
    assert_eq!(refusal(pkcs1.verify_access(&mislabelled)), JoseError::Signature);
    // Without alg an RSA key is an RS256 key, until a registration says otherwise.
    let mut jwk = pss.jwk();
    jwk.as_object_mut().unwrap().remove("alg");
    let key = Jwk::from_value(&jwk).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Rs256);
    let keys = JwkSet::from_keys([key.with_algorithm(Algorithm::Ps256).unwrap()]).unwrap();
    assert!(verify::<jose::AccessToken>(&token, &keys, &expect_access()).is_ok());
    assert_eq!(key.with_algorithm(Algorithm::Es256).unwrap_err(), JoseError::Algorithm);
}

#[test]
fn jwt_algorithm_substitution_only_expected_algorithms_pass() {
    let forge = Forge::new(Algorithm::Rs256);
    let token = forge.token("at+jwt", &access_claims());
    for algorithms in [&[][..], &[Algorithm::Es256], &[Algorithm::Ps256, Algorithm::EdDsa]] {
        let audience = ExpectedAudience::Contains(&[API]);
        let expect = Expectation::new(ISSUER, audience, algorithms, UnixTime(NOW));
        let result = verify::<jose::AccessToken>(&token, &forge.keys(), &expect);
        assert_eq!(refusal(result), JoseError::Algorithm);
    }
}

#[test]
fn jwt_algorithm_substitution_empty_and_foreign_signatures_are_refused() {
    for algorithm in Algorithm::ALL {
        let forge = Forge::new(algorithm);
        let token = forge.token("at+jwt", &access_claims());
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(refusal(forge.verify_access(&format!("{signed}."))), JoseError::Signature);
        let foreign = BASE64URL_NOPAD.encode(&forge.sign(b"something else"));
        assert_eq!(refusal(forge.verify_access(&format!("{signed}.{foreign}"))), JoseError::Signature);
    }
}

#[test]
fn jwt_algorithm_substitution_symmetric_and_private_keys_are_no_verification_keys() {
    let oct = json!({ "kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ", "alg": "HS256" });
    assert_eq!(Jwk::from_value(&oct).unwrap_err(), JoseError::PrivateKey);
    let bare = json!({ "kty": "oct" });
    assert_eq!(Jwk::from_value(&bare).unwrap_err(), JoseError::PrivateKey);
    assert_eq!(JwkSet::from_value(&json!({ "keys": [oct] })).unwrap_err(), JoseError::PrivateKey);
    for algorithm in Algorithm::ALL {
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            let jwk = with(Forge::new(algorithm).jwk(), member, "AQAB");
            assert_eq!(Jwk::from_value(&jwk).unwrap_err(), JoseError::PrivateKey, "{member}");
            assert_eq!(JwkSet::from_value(&json!({ "keys": [jwk] })).unwrap_err(), JoseError::PrivateKey);
        }
    }
}

#[test]
fn jwt_algorithm_substitution_alg_of_a_key_must_fit_its_type() {
    for of_key in Algorithm::ALL {
        let jwk = Forge::new(of_key).jwk();
        for claimed in Algorithm::ALL {
            let rsa = [Algorithm::Ps256, Algorithm::Rs256];
            let fits = claimed == of_key || (rsa.contains(&claimed) && rsa.contains(&of_key));
            let result = Jwk::from_value(&with(jwk.clone(), "alg", claimed.name()));
            assert_eq!(result.is_ok(), fits, "{of_key} {claimed}");
        }
        for foreign in ["HS256", "none", "ECDH-ES", ""] {
            let result = Jwk::from_value(&with(jwk.clone(), "alg", foreign));
            assert_eq!(result.unwrap_err(), JoseError::Algorithm);
        }
    }
}
