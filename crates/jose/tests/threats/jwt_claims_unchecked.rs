use jose::{
    AccessToken, Algorithm, Audience, Expectation, ExpectedAudience, IdToken, JoseError, Purpose, Seconds, SigningKey,
    UnixTime, verify,
};
use serde_json::{Value, json};

use crate::forge::*;

fn access(claims: &Value) -> Result<(), JoseError> {
    let forge = Forge::new(Algorithm::EdDsa);
    forge.verify_access(&forge.token("at+jwt", claims)).map(|_| ())
}

fn access_with(claims: &Value, expect: &Expectation<'_>) -> Result<(), JoseError> {
    let forge = Forge::new(Algorithm::EdDsa);
    verify::<AccessToken>(&forge.token("at+jwt", claims), &forge.keys(), expect).map(|_| ())
}

#[test]
fn jwt_claims_unchecked_required_claims_are_required() {
    let forge = Forge::new(Algorithm::EdDsa);
    for name in AccessToken::REQUIRED {
        let token = forge.token("at+jwt", &without(access_claims(), name));
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::MissingClaim(name));
    }
    for name in IdToken::REQUIRED {
        let token = forge.token("JWT", &without(id_claims(), name));
        assert_eq!(refusal(forge.verify_id(&token)), JoseError::MissingClaim(name));
    }
    for name in jose::ClientAssertion::REQUIRED {
        let token = forge.token("JWT", &without(assertion_claims(), name));
        assert_eq!(refusal(forge.verify_assertion(&token)), JoseError::MissingClaim(name));
    }
    assert!(JoseError::MissingClaim("exp").is_claims());
    assert_eq!(access(&without(access_claims(), "scope")), Ok(()));
}

#[test]
fn jwt_claims_unchecked_exp_ends_the_token_on_the_second() {
    let at = |exp: i64| access(&with(with(access_claims(), "iat", NOW - 100), "exp", exp));
    assert_eq!(at(NOW + 1), Ok(()));
    assert_eq!(at(NOW), Err(JoseError::Expired));
    assert_eq!(at(NOW - 1), Err(JoseError::Expired));
    // The leeway is for clocks that run ahead, not for tokens that are over.
    let generous = expect_access().leeway(Seconds(60));
    let over = with(with(access_claims(), "iat", NOW - 100), "exp", NOW - 1);
    assert_eq!(access_with(&over, &generous), Err(JoseError::Expired));
}

#[test]
fn jwt_claims_unchecked_nbf_and_iat_may_be_ten_seconds_ahead() {
    for name in ["nbf", "iat"] {
        let at = |time: i64| access(&with(access_claims(), name, time));
        assert_eq!(at(NOW + 10), Ok(()), "{name}");
        assert_eq!(at(NOW + 11), Err(JoseError::NotYetValid), "{name}");
        let ahead = |seconds: i64| with(access_claims(), name, NOW + seconds);
        let none = expect_access().leeway(Seconds(0));
        assert_eq!(access_with(&ahead(0), &none), Ok(()));
        assert_eq!(access_with(&ahead(1), &none), Err(JoseError::NotYetValid));
        // More than a minute cannot be asked for.
        let much = expect_access().leeway(Seconds(3600));
        assert_eq!(access_with(&ahead(60), &much), Ok(()));
        assert_eq!(access_with(&ahead(61), &much), Err(JoseError::NotYetValid));
    }
}

#[test]
fn jwt_claims_unchecked_nbf_holds_for_every_kind() {
    let forge = Forge::new(Algorithm::EdDsa);
    let token = forge.token("JWT", &with(id_claims(), "nbf", NOW + 100));
    assert_eq!(refusal(forge.verify_id(&token)), JoseError::NotYetValid);
    let token = forge.token("JWT", &with(assertion_claims(), "nbf", NOW + 50));
    assert_eq!(refusal(forge.verify_assertion(&token)), JoseError::NotYetValid);
    let token = forge.token("JWT", &with(id_claims(), "nbf", (NOW + 100).to_string()));
    assert_eq!(refusal(forge.verify_id(&token)), JoseError::ClaimType);
}

#[test]
fn jwt_claims_unchecked_times_are_whole_numbers_in_a_sane_range() {
    for name in ["exp", "iat", "nbf"] {
        for value in [
            json!((NOW + 5).to_string()),
            json!(NOW as f64 + 5.5),
            json!(NOW as f64 + 5.0),
            json!(true),
            json!([NOW]),
            json!({}),
            json!(u64::MAX),
            json!(1e300),
        ] {
            assert_eq!(
                access(&with(access_claims(), name, value.clone())),
                Err(JoseError::ClaimType),
                "{name} {value}"
            );
        }
    }
    for value in [i64::MAX, i64::MIN, -1, 253_402_300_800, NOW * 1000] {
        assert_eq!(access(&with(access_claims(), "exp", value)), Err(JoseError::Claim("exp")), "{value}");
    }
    assert_eq!(access(&with(access_claims(), "exp", Value::Null)), Err(JoseError::ClaimType));
    assert_eq!(access(&with(access_claims(), "iat", -1)), Err(JoseError::Claim("iat")));
    assert_eq!(access(&with(access_claims(), "nbf", i64::MIN)), Err(JoseError::Claim("nbf")));
    assert_eq!(access(&with(access_claims(), "exp", NOW)), Err(JoseError::Claim("exp")), "exp not after iat");
}

#[test]
fn jwt_claims_unchecked_issuer_is_an_exact_string() {
    for issuer in [
        "https://as.example/",
        "https://AS.example",
        "https://as.exampl",
        "https://as.example.attacker.example",
        "http://as.example",
        "https://as.example ",
    ] {
        assert_eq!(access(&with(access_claims(), "iss", issuer)), Err(JoseError::Issuer), "{issuer}");
    }
    assert_eq!(access(&with(access_claims(), "iss", "")), Err(JoseError::Claim("iss")));
    assert_eq!(access(&with(access_claims(), "iss", json!([ISSUER]))), Err(JoseError::ClaimType));
}

#[test]
fn jwt_claims_unchecked_audience_is_an_exact_string() {
    let aud = |value: Value| access(&with(access_claims(), "aud", value));
    assert_eq!(aud(json!(API)), Ok(()));
    assert_eq!(aud(json!([API])), Ok(()));
    assert_eq!(aud(json!(["https://other.example", API])), Ok(()));
    for other in [
        "https://api.example/",
        "https://api.exampl",
        "https://API.example",
        "https://api.example.attacker.example",
        "*",
        "https://api.example https://x.example",
    ] {
        assert_eq!(aud(json!(other)), Err(JoseError::Audience), "{other}");
        assert_eq!(aud(json!([other])), Err(JoseError::Audience), "{other}");
    }
    assert_eq!(aud(json!([])), Err(JoseError::Claim("aud")));
    assert_eq!(aud(json!("")), Err(JoseError::Claim("aud")));
    assert_eq!(aud(json!([API, ""])), Err(JoseError::Claim("aud")));
    for value in [json!(7), json!({ "0": API }), json!([[API]]), json!([API, 7]), json!(null)] {
        assert_eq!(aud(value), Err(JoseError::ClaimType));
    }
    let nobody = Expectation::new(ISSUER, ExpectedAudience::Contains(&[]), &Algorithm::ALL, UnixTime(NOW));
    assert_eq!(access_with(&access_claims(), &nobody), Err(JoseError::Audience));
}

#[test]
fn jwt_claims_unchecked_long_lives_are_refused() {
    let expect = expect_access().leeway(Seconds(0)).max_lifetime(Seconds(300));
    let life = |iat: i64, exp: i64| access_with(&with(with(access_claims(), "iat", iat), "exp", exp), &expect);
    assert_eq!(life(NOW, NOW + 300), Ok(()));
    assert_eq!(life(NOW, NOW + 301), Err(JoseError::LifetimeTooLong));
    assert_eq!(life(NOW - 200, NOW + 100), Ok(()));
    assert_eq!(life(NOW - 200, NOW + 101), Err(JoseError::LifetimeTooLong));
    // An iat ahead of us does not stretch the life.
    let ahead = expect_access().max_lifetime(Seconds(300));
    let claims = |exp: i64| with(with(access_claims(), "iat", NOW + 10), "exp", exp);
    assert_eq!(access_with(&claims(NOW + 310), &ahead), Ok(()));
    assert_eq!(access_with(&claims(NOW + 311), &ahead), Err(JoseError::LifetimeTooLong));
}

#[test]
fn jwt_claims_unchecked_subjects_and_names_are_not_empty() {
    assert_eq!(access(&with(access_claims(), "sub", "")), Err(JoseError::Subject));
    assert_eq!(access(&with(access_claims(), "jti", "")), Err(JoseError::Claim("jti")));
    assert_eq!(access(&with(access_claims(), "jti", "j".repeat(257))), Err(JoseError::Claim("jti")));
    assert_eq!(access(&with(access_claims(), "client_id", "")), Err(JoseError::Claim("client_id")));
    for name in ["sub", "jti", "client_id", "scope"] {
        assert_eq!(access(&with(access_claims(), name, 7)), Err(JoseError::ClaimType), "{name}");
    }
    let forge = Forge::new(Algorithm::EdDsa);
    let token = forge.token("JWT", &with(id_claims(), "sub", "s".repeat(256)));
    assert_eq!(refusal(forge.verify_id(&token)), JoseError::Subject);
}

#[test]
fn jwt_claims_unchecked_bad_claims_are_not_signed() {
    let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let good: AccessToken = serde_json::from_value(access_claims()).unwrap();
    assert!(key.sign(&good).is_ok());
    let bad = [
        AccessToken { iss: String::new(), ..good.clone() },
        AccessToken { sub: String::new(), ..good.clone() },
        AccessToken { jti: String::new(), ..good.clone() },
        AccessToken { aud: Audience::many([]), ..good.clone() },
        AccessToken { exp: good.iat, ..good.clone() },
        AccessToken { exp: UnixTime(i64::MAX), ..good.clone() },
    ];
    for claims in bad {
        let reason = key.sign(&claims).unwrap_err();
        assert!(reason.is_claims(), "{reason:?}");
    }
}

#[test]
fn jwt_claims_unchecked_user_claims_cannot_shadow_registered_ones() {
    let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let good: IdToken = serde_json::from_value(id_claims()).unwrap();
    let fields = [
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "nbf",
        "jti",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "at_hash",
        "c_hash",
        "sid",
        "events",
    ];
    for name in fields {
        let mut claims = good.clone();
        claims.extra.insert(name.to_owned(), json!("mallory"));
        assert_eq!(key.sign(&claims).unwrap_err(), JoseError::Claim(name));
    }
    let mut claims = good;
    claims.extra.insert("name".to_owned(), json!("Alice"));
    claims.extra.insert("address".to_owned(), json!({ "country": "DE" }));
    let token = key.sign(&claims).unwrap();
    let keys = jose::JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
    assert_eq!(verify::<IdToken>(&token, &keys, &expect_id()).unwrap().into_claims(), claims);
}

#[test]
fn jwt_claims_unchecked_errors_never_repeat_what_was_received() {
    let forge = Forge::new(Algorithm::EdDsa);
    let secret = "VERYSECRET";
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        let token = forge.token("at+jwt", &with(access_claims(), name, json!({ secret: secret })));
        let reason = refusal(forge.verify_access(&token));
        assert!(!format!("{reason} {reason:?}").contains(secret));
    }
}
