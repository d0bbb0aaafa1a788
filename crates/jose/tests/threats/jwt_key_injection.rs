use jose::{Algorithm, JoseError, Jwk, JwkSet, verify};
use serde_json::json;

use crate::forge::*;

#[test]
fn jwt_key_injection_keys_in_headers_are_refused() {
    let honest = Forge::new(Algorithm::Es256);
    let attacker = Forge::new(Algorithm::Es256);
    let members = [
        ("jwk", attacker.jwk()),
        ("jku", json!("https://attacker.example/jwks")),
        ("x5u", json!("https://attacker.example/chain")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
    ];
    for (name, value) in members {
        // Signed by the attacker, and signed by us: the header is refused, whoever signed.
        for signer in [&attacker, &honest] {
            let header = with(signer.header("at+jwt"), name, value.clone()).to_string();
            let token = signer.token_of(&header, &access_claims().to_string());
            let reason = refusal(honest.verify_access(&token));
            assert_eq!(reason, JoseError::KeyHeader(name));
            assert!(reason.is_key_header());
        }
    }
}

#[test]
fn jwt_key_injection_escaped_member_names_are_the_same_names() {
    let forge = Forge::new(Algorithm::Es256);
    let header = r#"{"alg":"ES256","typ":"at+jwt","kid":"forged","j\u0077k":{}}"#;
    let token = forge.token_of(header, &access_claims().to_string());
    assert_eq!(refusal(forge.verify_access(&token)), JoseError::KeyHeader("jwk"));
}

#[test]
fn jwt_key_injection_kid_is_only_a_name() {
    let forge = Forge::new(Algorithm::Es256);
    let names = [
        "../../../../dev/null",
        "/dev/null",
        "file:///dev/null",
        "https://attacker.example/key",
        "forged' UNION SELECT 'x",
        "forged\"",
        "forged?x=1#y",
        "forged ",
        " forged",
        "FORGED",
        "forge",
        "$(id)",
    ];
    for kid in names {
        let header = with(forge.header("at+jwt"), "kid", kid).to_string();
        let token = forge.token_of(&header, &access_claims().to_string());
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::KeyNotFound, "{kid}");
    }
    let long = "k".repeat(257);
    for kid in ["", "forged\u{0}", "forged\n", "förged", "forged\u{202e}", &long] {
        let header = with(forge.header("at+jwt"), "kid", kid).to_string();
        let token = forge.token_of(&header, &access_claims().to_string());
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::KeyHeader("kid"), "{kid:?}");
        assert_eq!(Jwk::from_value(&with(forge.jwk(), "kid", kid)).unwrap_err(), JoseError::Key);
    }
    for kid in [json!(7), json!(null), json!(["forged"]), json!({ "kid": "forged" })] {
        let header = with(forge.header("at+jwt"), "kid", kid).to_string();
        let token = forge.token_of(&header, &access_claims().to_string());
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Malformed);
    }
}

#[test]
fn jwt_key_injection_without_kid_exactly_one_key_must_fit() {
    let (one, two, rsa) = (Forge::new(Algorithm::Es256), Forge::new(Algorithm::Es256), Forge::new(Algorithm::Rs256));
    let token = one.token_of(r#"{"alg":"ES256","typ":"at+jwt"}"#, &access_claims().to_string());
    let key = |forge: &Forge, kid: &str| Jwk::from_value(&with(forge.jwk(), "kid", kid)).unwrap();
    let check = |keys: Vec<Jwk>| {
        verify::<jose::AccessToken>(&token, &JwkSet::from_keys(keys).unwrap(), &expect_access()).map(|_| ())
    };
    assert_eq!(check(vec![key(&one, "1"), key(&rsa, "3")]), Ok(()));
    assert_eq!(check(vec![key(&one, "1"), key(&two, "2")]), Err(JoseError::KeyNotFound));
    assert_eq!(check(vec![key(&rsa, "3")]), Err(JoseError::Algorithm));
    assert_eq!(check(vec![key(&two, "2")]), Err(JoseError::Signature));
    assert_eq!(check(vec![]), Err(JoseError::KeyNotFound));
}

#[test]
fn jwt_key_injection_a_set_has_no_two_keys_of_one_name() {
    let (one, two, rsa) = (Forge::new(Algorithm::Es256), Forge::new(Algorithm::Es256), Forge::new(Algorithm::Rs256));
    let twins = json!({ "keys": [one.jwk(), two.jwk()] });
    assert_eq!(JwkSet::from_value(&twins).unwrap_err(), JoseError::Duplicate);
    // RFC 7517 section 4.5 allows one name for keys of different types.
    let set = JwkSet::from_value(&json!({ "keys": [one.jwk(), rsa.jwk()] })).unwrap();
    assert_eq!(set.find(KID, Algorithm::Rs256).unwrap().algorithm(), Algorithm::Rs256);
    assert_eq!(set.find("other", Algorithm::Rs256), None);
}

#[test]
fn jwt_key_injection_key_sets_are_bounded() {
    let forge = Forge::new(Algorithm::EdDsa);
    let keys: Vec<_> = (0..65).map(|n| with(forge.jwk(), "kid", n.to_string())).collect();
    let set = |count: usize| json!({ "keys": keys[..count] }).to_string();
    assert_eq!(JwkSet::parse(&set(64)).unwrap().len(), 64);
    assert_eq!(JwkSet::parse(&set(65)).unwrap_err(), JoseError::TooLong);
    let keys = keys.iter().map(|key| Jwk::from_value(key).unwrap());
    assert_eq!(JwkSet::from_keys(keys).unwrap_err(), JoseError::TooLong);
    let padded = format!("{}{}", set(1), " ".repeat(128 * 1024));
    assert_eq!(JwkSet::parse(&padded).unwrap_err(), JoseError::TooLong);
    let padded = format!("{}{}", forge.jwk(), " ".repeat(16 * 1024));
    assert_eq!(Jwk::parse(&padded).unwrap_err(), JoseError::TooLong);
}

#[test]
fn jwt_key_injection_sets_skip_what_they_cannot_use_and_survive_a_round_trip() {
    let forge = Forge::new(Algorithm::Es256);
    let set = json!({ "keys": [
        { "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" },
        { "kty": "OKP", "crv": "X25519", "x": "AA" },
        { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" },
        with(forge.jwk(), "use", "enc"),
        forge.jwk(),
    ], "unknown": 1 });
    let set = JwkSet::parse(&set.to_string()).unwrap();
    assert_eq!(set.len(), 1);
    assert_eq!(JwkSet::parse(&set.to_json()).unwrap(), set);
    assert_eq!(serde_json::from_str::<JwkSet>(&set.to_json()).unwrap(), set);
    for broken in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[7]}"#, r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(JwkSet::parse(broken).unwrap_err(), JoseError::Key, "{broken}");
    }
}
