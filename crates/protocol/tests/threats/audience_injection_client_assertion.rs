//! A hostile server has the client sign an assertion that names the honest one, or relays one made for itself.

use jose::Audience;
use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

const TOKEN_ENDPOINT: &str = "https://as.example/token";

fn outcome(client: &str, audience: Audience) -> Option<Rule> {
    let mut desk = Desk::open();
    let mut claims = assertion_claims(client, "a");
    claims.aud = audience;
    let body = asserting(Desk::refreshing("sc_rt.none"), &assertion(client_key(), &claims));
    match desk.token_raw(None, &body.bytes()) {
        Err(refused) if refused.rule == Rule::RefreshUnknown => None,
        Err(refused) => Some(refused.rule),
        Ok(_) => panic!("there is no such refresh token"),
    }
}

/// An array, even of one.
fn array(of: &[&str]) -> Audience {
    serde_json::from_value(serde_json::json!(of)).expect("an audience")
}

#[test]
fn the_issuer_alone_as_a_string() {
    assert_eq!(outcome(KEYED, Audience::one(ISSUER)), None);
    for audience in [
        Audience::one(TOKEN_ENDPOINT),
        Audience::one("https://as.example/"),
        Audience::one("https://AS.example"),
        Audience::one("https://as.example.evil.example"),
        Audience::one("https://evil.example"),
        array(&[ISSUER]),
        array(&[ISSUER, "https://evil.example"]),
        array(&[ISSUER, TOKEN_ENDPOINT]),
    ] {
        assert_eq!(outcome(KEYED, audience.clone()), Some(Rule::AssertionAudience), "{audience:?}");
    }
    assert_eq!(Rule::AssertionAudience.signal(), Some(Signal::ClientAssertionInvalid));
}

#[test]
fn the_switch_lets_the_token_endpoint_in_and_nobody_else() {
    for audience in [
        Audience::one(ISSUER),
        Audience::one(TOKEN_ENDPOINT),
        array(&[TOKEN_ENDPOINT]),
        array(&[ISSUER, TOKEN_ENDPOINT]),
    ] {
        assert_eq!(outcome(OLD, audience.clone()), None, "{audience:?}");
    }
    for audience in [
        Audience::one("https://evil.example"),
        Audience::one("https://as.example/revoke"),
        array(&["https://evil.example", ISSUER]),
        array(&[TOKEN_ENDPOINT, "https://evil.example"]),
    ] {
        assert_eq!(outcome(OLD, audience.clone()), Some(Rule::AssertionAudience), "{audience:?}");
    }
}
