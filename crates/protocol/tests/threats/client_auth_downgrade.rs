//! A client is registered for one way to authenticate, and Mallory uses a weaker one, or two at once.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

fn attempt(desk: &mut Desk, header: Option<&[u8]>, body: &Form) -> Rule {
    desk.token_raw(header, &body.bytes()).expect_err("must be refused").rule
}

#[test]
fn exactly_the_registered_method_counts() {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials")]);
    let secret = desk.clients.secrets[ROBOT].clone();
    let posted = body.clone().and("client_id", ROBOT).and("client_secret", &secret);
    assert_eq!(attempt(&mut desk, None, &posted), Rule::ClientAuthMethodMismatch);
    let named = body.clone().and("client_id", ROBOT);
    assert_eq!(attempt(&mut desk, None, &named), Rule::ClientAuthMissing);
    let signed = asserting(body.clone(), &assertion(client_key(), &assertion_claims(ROBOT, "1")));
    assert_eq!(attempt(&mut desk, None, &signed), Rule::ClientAuthMethodMismatch);

    let poster = desk.clients.secrets[POSTER].clone();
    assert_eq!(attempt(&mut desk, Some(&basic(POSTER, &poster)), &body), Rule::ClientAuthMethodMismatch);
    // A client that signs has no secret that could be right.
    assert_eq!(attempt(&mut desk, Some(&basic(KEYED, &secret)), &body), Rule::ClientAuthMethodMismatch);
    assert_eq!(attempt(&mut desk, None, &body.clone().and("client_id", KEYED)), Rule::ClientAuthMissing);
    assert_eq!(attempt(&mut desk, Some(&basic(APP, "x")), &body), Rule::ClientAuthMethodMismatch);
    for rule in [Rule::ClientAuthMethodMismatch, Rule::ClientAuthMissing, Rule::ClientAuthMultiple] {
        assert_eq!(rule.signal(), Some(Signal::ClientAuthMethodViolation));
    }
    assert!(desk.token(ROBOT, body.and("scope", "mail:read")).is_ok());
}

#[test]
fn two_ways_at_once_are_an_error_even_if_both_are_right() {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials")]);
    let secret = desk.clients.secrets[ROBOT].clone();
    let header = basic(ROBOT, &secret);
    let posted = body.clone().and("client_id", ROBOT).and("client_secret", &secret);
    let signed = asserting(posted.clone(), &assertion(client_key(), &assertion_claims(ROBOT, "1")));
    assert_eq!(attempt(&mut desk, Some(&header), &posted), Rule::ClientAuthMultiple);
    assert_eq!(attempt(&mut desk, None, &signed), Rule::ClientAuthMultiple);
    // Two names are two clients.
    assert_eq!(attempt(&mut desk, Some(&header), &body.clone().and("client_id", MALLORY)), Rule::ClientAuthMultiple);
    let other = asserting(body.clone(), &assertion(client_key(), &assertion_claims(KEYED, "1")));
    assert_eq!(attempt(&mut desk, None, &other.and("client_id", OLD)), Rule::AssertionInvalid);
    // The same name twice is one client.
    let named = body.and("client_id", ROBOT).and("scope", "mail:read");
    assert!(desk.token_raw(Some(&header), &named.bytes()).is_ok());
}

#[test]
fn other_schemes_and_types_are_no_way_to_authenticate() {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials")]);
    for header in [&b"Bearer abc"[..], b"Basic", b"Basic !", b"Digest x", b"", b"Basic OnNlY3JldA=="] {
        assert_eq!(attempt(&mut desk, Some(header), &body), Rule::BasicMalformed);
    }
    let token = assertion(client_key(), &assertion_claims(KEYED, "1"));
    let untyped = body.clone().and("client_assertion", &token);
    assert_eq!(attempt(&mut desk, None, &untyped), Rule::AssertionType);
    let saml = untyped.and("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer");
    assert_eq!(attempt(&mut desk, None, &saml), Rule::AssertionType);
    assert_eq!(attempt(&mut desk, None, &body), Rule::ClientAuthMissing);
}
