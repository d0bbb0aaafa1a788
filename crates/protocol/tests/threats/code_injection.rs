//! Mallory has Ada's code and plants it in his own session at the honest client.

use protocol::record::CodeState;
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_code_in_another_session_of_its_client_is_burned() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let stolen = desk.code(&request);
    let id = *desk.ledger.codes.keys().next().expect("one code");

    // The robot believes that it finishes Mallory's flow, so it sends the verifier of that flow.
    let injected = desk.redemption(ROBOT, &stolen).with("code_verifier", MALLORYS_VERIFIER);
    assert_eq!(denied(desk.token(ROBOT, injected)), (Rule::PkceMismatch, Consequence::BurnCode(id)));
    assert_eq!(Rule::PkceMismatch.signal(), Some(Signal::PkceMismatch));
    assert_eq!(desk.ledger.codes[&id].0.state, CodeState::Burned);

    // Burned for good: the right proofs come too late, and nothing more follows from them.
    let honest = desk.redemption(ROBOT, &stolen);
    assert_eq!(denied(desk.token(ROBOT, honest)), (Rule::CodeBurned, Consequence::Nothing));
    assert!(desk.ledger.refreshes.is_empty());
}

#[test]
fn the_honest_session_redeems() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    assert_eq!(tokens.scope(), "openid mail:read");
    assert_eq!(tokens.0["token_type"], "Bearer");
}

#[test]
fn any_wrong_proof_of_the_own_client_burns() {
    let attempts: [(&str, Option<&str>, Rule, &str); 4] = [
        ("code_verifier", Some("too-short"), Rule::PkceMismatch, "code_verifier"),
        ("code_verifier", None, Rule::PkceVerifierMissing, "code_verifier"),
        ("redirect_uri", Some("https://robot.example/other"), Rule::CodeRedirectMismatch, "redirect_uri"),
        ("redirect_uri", None, Rule::CodeRedirectMismatch, "redirect_uri"),
    ];
    for (name, value, rule, parameter) in attempts {
        let mut desk = Desk::open();
        let request = desk.request(ROBOT);
        let code = desk.code(&request);
        let id = *desk.ledger.codes.keys().next().expect("one code");
        let wrong = desk.redemption(ROBOT, &code).without(name);
        let wrong = value.map_or(wrong.clone(), |value| wrong.and(name, value));
        let refused = desk.token(ROBOT, wrong).expect_err("must be refused");
        assert_eq!((refused.rule, refused.parameter), (rule, parameter));
        assert_eq!(refused.consequence, Consequence::BurnCode(id), "{rule:?}");
    }
}

#[test]
fn without_pkce_a_nonce_ties_the_code_to_the_session() {
    let mut desk = Desk::open();
    let bare = desk.request(LEGACY).without("code_challenge").without("code_challenge_method");
    assert_eq!(desk.sent_back(&bare.clone().without("nonce")), Rule::NonceRequired);
    // Without an ID token nobody would ever look at the nonce.
    assert_eq!(desk.sent_back(&bare.clone().with("scope", "mail:read")), Rule::PkceRequired);

    let code = desk.code(&bare);
    let redemption = desk.redemption(LEGACY, &code).without("code_verifier");
    let tokens = desk.token(LEGACY, redemption).expect("the switch is on");
    assert_eq!(tokens.id_claims(LEGACY, NOW).nonce.as_deref(), Some("honest-nonce"));
}
