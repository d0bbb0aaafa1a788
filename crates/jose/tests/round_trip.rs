//! Whatever is signed comes back, whatever is changed is refused, and nothing panics.

mod forge;

use jose::{
    AccessToken, Algorithm, Audience, ClaimedClient, ClientAssertion, Expectation, ExpectedAudience, IdToken, Jwk,
    JwkSet, Seconds, Secret, SigningKey, UnixTime, at_hash, c_hash, constant_time_eq, sha256, verify,
};
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::sync::LazyLock;

use forge::{CLIENT, NOW};

static KEYS: LazyLock<Vec<SigningKey>> =
    LazyLock::new(|| Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap()).into());

fn published() -> JwkSet {
    let set = JwkSet::from_keys(KEYS.iter().map(|key| key.public_jwk().clone())).unwrap();
    JwkSet::parse(&set.to_json()).unwrap()
}

fn time() -> impl Strategy<Value = UnixTime> {
    (NOW - 1000..=NOW).prop_map(UnixTime)
}

fn name() -> impl Strategy<Value = String> {
    "\\PC{1,40}"
}

fn audience() -> impl Strategy<Value = Audience> {
    prop::collection::vec(name(), 1..4).prop_map(Audience::many)
}

prop_compose! {
    fn access_token()(
        iss in name(), sub in name(), aud in audience(), client_id in name(), scope in "\\PC{0,60}",
        iat in time(), life in 1001..9000i64, jti in name(), auth_time in prop::option::of(time()),
        acr in prop::option::of(name()), amr in prop::collection::vec(name(), 0..3),
        cnf in prop::option::of(name()),
    ) -> AccessToken {
        let exp = UnixTime(iat.0 + life);
        let cnf = cnf.map(|jkt| Map::from_iter([("jkt".to_owned(), Value::from(jkt))]));
        AccessToken { iss, sub, aud, client_id, scope, iat, exp, jti, nbf: None, auth_time, acr, amr, cnf }
    }
}

prop_compose! {
    fn id_token()(
        iss in name(), sub in "[ -~]{1,255}", aud in audience(), iat in time(), life in 1001..9000i64,
        nonce in prop::option::of(name()), sid in prop::option::of(name()), user_name in name(),
    ) -> IdToken {
        IdToken {
            iss, sub, aud, azp: None, exp: UnixTime(iat.0 + life), iat, nbf: None, jti: None, auth_time: Some(iat),
            nonce, acr: None, amr: Vec::new(), at_hash: None, c_hash: None, sid,
            extra: Map::from_iter([("name".to_owned(), Value::from(user_name))]),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn access_tokens_come_back(claims in access_token(), key in 0..5usize) {
        let key = &KEYS[key];
        let token = key.sign(&claims).unwrap();
        let audiences: Vec<&str> = claims.aud.iter().collect();
        let algorithms = [key.algorithm()];
        let expect = Expectation::new(&claims.iss, ExpectedAudience::Contains(&audiences[..1]), &algorithms, UnixTime(NOW));
        let verified = verify::<AccessToken>(&token, &published(), &expect).unwrap();
        prop_assert_eq!(verified.kid(), key.kid());
        prop_assert_eq!(verified.into_claims(), claims);
    }

    #[test]
    fn id_tokens_come_back(claims in id_token(), key in 0..5usize) {
        let token = KEYS[key].sign(&claims).unwrap();
        let audiences: Vec<&str> = claims.aud.iter().collect();
        let expect = Expectation::new(&claims.iss, ExpectedAudience::Contains(&audiences), &Algorithm::ALL, UnixTime(NOW));
        prop_assert_eq!(verify::<IdToken>(&token, &published(), &expect).unwrap().into_claims(), claims);
    }

    #[test]
    fn arbitrary_text_is_refused_without_panic(text in "\\PC*", parts in prop::collection::vec("[A-Za-z0-9_-]{0,80}", 0..6)) {
        for text in [text, parts.join(".")] {
            prop_assert!(verify::<AccessToken>(&text, &published(), &forge::expect_access()).is_err());
            prop_assert!(verify::<ClientAssertion>(&text, &published(), &forge::expect_assertion()).is_err());
            let _ = ClaimedClient::read(&text);
            prop_assert!(Jwk::parse(&text).is_err());
            prop_assert!(SigningKey::from_private_jwk(&Secret::new(text)).is_err());
        }
    }

    #[test]
    fn arbitrary_json_under_a_genuine_signature_does_not_panic(payload in json(), header in json()) {
        let forge = forge::Forge::new(Algorithm::EdDsa);
        let token = forge.token("at+jwt", &payload);
        let _ = forge.verify_access(&token);
        let _ = forge.verify_assertion(&forge.token("JWT", &payload));
        let token = forge.token_of(&header.to_string(), &forge::access_claims().to_string());
        prop_assert!(forge.verify_access(&token).is_err());
        let _ = Jwk::from_value(&payload);
        let _ = JwkSet::from_value(&payload);
    }
}

/// JSON objects whose names are often ones that mean something.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        Just(Value::from(NOW)),
        Just(Value::from("EC")),
        Just(Value::from("P-256")),
        Just(Value::from("RSA")),
        Just(Value::from("AQAB")),
    ];
    let names = prop::sample::select(vec![
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
        "client_id",
        "alg",
        "typ",
        "kid",
        "kty",
        "crv",
        "x",
        "y",
        "n",
        "e",
        "d",
        "keys",
        "use",
        "key_ops",
        "cnf",
        "amr",
        "events",
    ]);
    let name = prop_oneof![names.prop_map(str::to_owned), "\\PC{0,5}"];
    let inner = leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..10)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    inner.prop_filter("an object", Value::is_object)
}

#[test]
fn jwt_weak_key_or_signature_every_changed_byte_is_refused() {
    let claims: AccessToken = serde_json::from_value(forge::access_claims()).unwrap();
    let keys = published();
    for key in KEYS.iter() {
        let token = key.sign(&claims).unwrap();
        assert!(verify::<AccessToken>(&token, &keys, &forge::expect_access()).is_ok());
        for index in 0..token.len() {
            for bit in 0..7 {
                let mut changed = token.clone().into_bytes();
                changed[index] ^= 1 << bit;
                // Tokens are ASCII and bit 7 is left alone, so this is text.
                let changed = String::from_utf8(changed).unwrap();
                let result = verify::<AccessToken>(&changed, &keys, &forge::expect_access());
                assert!(result.is_err(), "{} byte {index} bit {bit}", key.algorithm());
            }
        }
        for length in 0..token.len() {
            let result = verify::<AccessToken>(&token[..length], &keys, &forge::expect_access());
            assert!(result.is_err(), "{} cut to {length}", key.algorithm());
        }
    }
}

#[test]
fn headers_say_what_and_with_which_key() {
    for key in KEYS.iter() {
        let access: AccessToken = serde_json::from_value(forge::access_claims()).unwrap();
        let id: IdToken = serde_json::from_value(forge::id_claims()).unwrap();
        let assertion: ClientAssertion = serde_json::from_value(forge::assertion_claims()).unwrap();
        let tokens = [
            ("at+jwt", key.sign(&access).unwrap()),
            ("JWT", key.sign(&id).unwrap()),
            ("client-authentication+jwt", key.sign(&assertion).unwrap()),
        ];
        for (typ, token) in tokens {
            let header = data_encoding::BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
            let header: Value = serde_json::from_slice(&header).unwrap();
            let expected = serde_json::json!({ "alg": key.algorithm(), "typ": typ, "kid": key.kid() });
            assert_eq!(header, expected);
        }
    }
}

#[test]
fn hashes_and_comparison() {
    // SHA-256 of the empty text (FIPS 180-4), and the at_hash example of OpenID Connect Core appendix A.3.
    assert_eq!(sha256(b"")[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(at_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    assert_eq!(c_hash(Algorithm::Rs256, code), "LDktKdoQak3Pk0cnXxCltA");
    for (algorithm, bytes) in [(Algorithm::Es256, 16), (Algorithm::Es384, 24), (Algorithm::EdDsa, 32)] {
        let hash = data_encoding::BASE64URL_NOPAD.decode(at_hash(algorithm, token).as_bytes()).unwrap();
        assert_eq!(hash.len(), bytes);
    }
    assert!(constant_time_eq(b"same", b"same"));
    assert!(!constant_time_eq(b"same", b"some"));
    assert!(!constant_time_eq(b"same", b"longer"));
}

#[test]
fn times_saturate_and_secrets_stay_hidden() {
    assert_eq!(UnixTime(i64::MAX) + Seconds(1), UnixTime(i64::MAX));
    assert_eq!(UnixTime(i64::MIN) - Seconds(1), UnixTime(i64::MIN));
    assert_eq!(UnixTime(10).saturating_since(UnixTime(4)), Seconds(6));
    assert_eq!(UnixTime(4).saturating_since(UnixTime(10)), Seconds(0));
    assert_eq!(UnixTime(i64::MAX).saturating_since(UnixTime(i64::MIN)), Seconds(u32::MAX));
    let secret = Secret::new("hush".to_owned());
    assert_eq!(format!("{secret:?}"), "[redacted]");
    assert_eq!(secret.expose(), "hush");
    assert_eq!(Audience::many([CLIENT.to_owned()]), Audience::one(CLIENT));
}
