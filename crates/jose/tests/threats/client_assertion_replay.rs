use jose::{
    Algorithm, Audience, ClaimedClient, ClientAssertion, Expectation, ExpectedAudience, JoseError, Seconds, SigningKey,
    UnixTime, verify,
};
use serde_json::{Value, json};

use crate::forge::*;

fn assertion(claims: &Value) -> Result<(), JoseError> {
    let forge = Forge::new(Algorithm::Es256);
    let expect = expect_assertion().max_lifetime(Seconds(300));
    verify::<ClientAssertion>(&forge.token("JWT", claims), &forge.keys(), &expect).map(|_| ())
}

#[test]
fn client_assertion_replay_the_name_of_an_assertion_is_required_and_short() {
    assert_eq!(assertion(&assertion_claims()), Ok(()));
    assert_eq!(assertion(&without(assertion_claims(), "jti")), Err(JoseError::MissingClaim("jti")));
    assert_eq!(assertion(&with(assertion_claims(), "jti", "")), Err(JoseError::Claim("jti")));
    assert_eq!(assertion(&with(assertion_claims(), "jti", "j".repeat(256))), Ok(()));
    assert_eq!(assertion(&with(assertion_claims(), "jti", "j".repeat(257))), Err(JoseError::Claim("jti")));
    assert_eq!(assertion(&with(assertion_claims(), "jti", 1)), Err(JoseError::ClaimType));
}

#[test]
fn client_assertion_replay_issuer_and_subject_are_the_client() {
    assert_eq!(assertion(&with(assertion_claims(), "sub", "someone")), Err(JoseError::Subject));
    assert_eq!(assertion(&with(assertion_claims(), "iss", "someone")), Err(JoseError::Subject));
    let both = with(with(assertion_claims(), "iss", "someone"), "sub", "someone");
    assert_eq!(assertion(&both), Err(JoseError::Issuer));
}

#[test]
fn client_assertion_replay_far_expiry_is_refused() {
    assert_eq!(assertion(&with(assertion_claims(), "exp", NOW + 310)), Ok(()));
    assert_eq!(assertion(&with(assertion_claims(), "exp", NOW + 311)), Err(JoseError::LifetimeTooLong));
    let no_iat = without(assertion_claims(), "iat");
    assert_eq!(assertion(&with(no_iat.clone(), "exp", NOW + 310)), Ok(()));
    assert_eq!(assertion(&with(no_iat.clone(), "exp", NOW + 311)), Err(JoseError::LifetimeTooLong));
    assert_eq!(assertion(&with(no_iat, "exp", NOW)), Err(JoseError::Expired));
}

#[test]
fn client_assertion_replay_the_audience_is_this_server_alone() {
    let aud = |value: Value| assertion(&with(assertion_claims(), "aud", value));
    assert_eq!(aud(json!(ISSUER)), Ok(()));
    assert_eq!(aud(json!([ISSUER])), Err(JoseError::Audience));
    assert_eq!(aud(json!([ISSUER, "https://other.example"])), Err(JoseError::Audience));
    assert_eq!(aud(json!("https://as.example/token")), Err(JoseError::Audience));
    // A server may list further names of itself, one of which must then be the sole one.
    let forge = Forge::new(Algorithm::Es256);
    let names = [ISSUER, "https://as.example/token"];
    let expect = Expectation::new(CLIENT, ExpectedAudience::SoleString(&names), &[Algorithm::Es256], UnixTime(NOW));
    let token = forge.token("JWT", &with(assertion_claims(), "aud", "https://as.example/token"));
    assert!(verify::<ClientAssertion>(&token, &forge.keys(), &expect).is_ok());
}

#[test]
fn client_assertion_replay_claimed_client_gives_two_names_and_nothing_else() {
    let forge = Forge::new(Algorithm::Es256);
    let token = forge.token("JWT", &assertion_claims());
    let claimed = ClaimedClient::read(&token).unwrap();
    assert_eq!((claimed.iss(), claimed.sub()), (CLIENT, CLIENT));
    // It is read without a signature: that is why it is only a claim.
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    assert_eq!(ClaimedClient::read(&format!("{unsigned}.")).unwrap(), claimed);
    let read = |claims: Value| ClaimedClient::read(&forge.token("JWT", &claims)).unwrap_err();
    assert_eq!(read(without(assertion_claims(), "iss")), JoseError::MissingClaim("iss"));
    assert_eq!(read(without(assertion_claims(), "sub")), JoseError::MissingClaim("sub"));
    assert_eq!(read(with(assertion_claims(), "sub", 7)), JoseError::ClaimType);
    assert_eq!(ClaimedClient::read("a.b"), Err(JoseError::Malformed));
}

#[test]
fn client_assertion_replay_our_own_assertions_verify() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let claims = ClientAssertion {
        iss: CLIENT.to_owned(),
        sub: CLIENT.to_owned(),
        aud: Audience::one(ISSUER),
        exp: UnixTime(NOW + 60),
        iat: Some(UnixTime(NOW)),
        nbf: None,
        jti: "1".to_owned(),
    };
    let token = key.sign(&claims).unwrap();
    let keys = jose::JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
    let verified = verify::<ClientAssertion>(&token, &keys, &expect_assertion()).unwrap();
    assert_eq!((verified.kid(), verified.claims()), (key.kid(), &claims));
    let split = ClientAssertion { sub: "someone".to_owned(), ..claims };
    assert_eq!(key.sign(&split).unwrap_err(), JoseError::Subject);
}
