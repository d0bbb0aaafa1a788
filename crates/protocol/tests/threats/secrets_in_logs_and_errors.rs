//! Whatever is printed for a log or an answer holds no credential.

use protocol::authorize::{AuthenticatedUser, Consent, UnverifiedAuthorizationRequest};
use protocol::scope::ScopeSet;
use protocol::token::TokenRequest;
use protocol::wire::parameters::Parameters;
use protocol::wire::response::BrowserAnswer;

use crate::cast::*;

/// Panics if `shown` holds any of the secrets, or the secret part of a handle among them.
fn nothing_of(shown: &str, secrets: &[&str]) {
    for secret in secrets {
        let part = secret.rsplit('.').next().expect("a part");
        assert!(!shown.contains(part), "{secret} in {shown}");
    }
}

#[test]
fn no_refusal_repeats_what_was_received() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    for (name, value) in [("code", "marked"), ("redirect_uri", "https://marked.example"), ("code_verifier", "marked")] {
        let redemption = desk.redemption(ROBOT, &code).with(name, value);
        let (header, body) = desk.credentials(ROBOT, redemption);
        let parsed = TokenRequest::parse(header.as_deref(), &body.bytes()).expect("well-formed");
        let client = desk.authenticate(parsed.client).expect("right credentials");
        let peeked = desk.ledger.peek(parsed.grant.source());
        let deciding = protocol::grants::Deciding { policy: &desk.policy, draw: &mut desk.draw, now: NOW };
        let refused = parsed.grant.decide(&client, peeked, deciding).expect_err("wrong");
        assert!(!refused.refusal.wire_text().as_str().contains("marked"));
        assert!(!refused.refusal.log_text().as_str().contains("marked"));
    }
    let refused = desk.check(&request.with("scope", "marked")).expect_err("unknown");
    assert!(!refused.refusal().wire_text().as_str().contains("marked"));
}
