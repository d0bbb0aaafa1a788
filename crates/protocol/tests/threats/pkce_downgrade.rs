//! PKCE is left out, or brought by one half of the flow only.

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn the_challenge_is_required_of_every_client() {
    let desk = Desk::open();
    for client in [ROBOT, APP, KEYED, STRANGER] {
        let bare = desk.request(client).without("code_challenge").without("code_challenge_method");
        assert_eq!(desk.sent_back(&bare), Rule::PkceRequired, "{client}");
        assert!(desk.check(&desk.request(client)).is_ok());
    }
    assert_eq!(Rule::PkceRequired.signal(), Some(Signal::PkceDowngradeAttempt));
}

#[test]
fn half_a_challenge_is_none() {
    let desk = Desk::open();
    // Even where the switch allows PKCE to be missing, it may not be half there.
    for client in [ROBOT, LEGACY] {
        assert_eq!(desk.sent_back(&desk.request(client).without("code_challenge")), Rule::PkceRequired);
        let no_method = desk.request(client).without("code_challenge_method");
        assert_eq!(desk.sent_back(&no_method), Rule::PkceMethodUnsupported);
        // An empty challenge is not a missing one.
        assert_eq!(desk.page(&desk.request(client).with("code_challenge", "")), Rule::ParameterEmpty);
    }
}

#[test]
fn a_verifier_without_a_challenge_is_refused_and_so_is_the_reverse() {
    let mut desk = Desk::open();
    let bare = desk.request(LEGACY).without("code_challenge").without("code_challenge_method");
    let code = desk.code(&bare);
    let id = *desk.ledger.codes.keys().next().expect("one code");
    let redemption = desk.redemption(LEGACY, &code);
    assert_eq!(denied(desk.token(LEGACY, redemption)), (Rule::PkceVerifierUnexpected, Consequence::BurnCode(id)));

    let mut desk = Desk::open();
    let request = desk.request(LEGACY);
    let code = desk.code(&request);
    let redemption = desk.redemption(LEGACY, &code).without("code_verifier");
    assert_eq!(denied(desk.token(LEGACY, redemption)).0, Rule::PkceVerifierMissing);
    let empty = desk.redemption(LEGACY, &code).with("code_verifier", "");
    assert_eq!(denied(desk.token(LEGACY, empty)).0, Rule::ParameterEmpty);
}

#[test]
fn only_a_confidential_client_may_be_registered_without() {
    assert_eq!(refused(&with(native("n"), "danger_allow_missing_pkce", true)).0, "danger_allow_missing_pkce");
    assert!(register(&with(web("w"), "danger_allow_missing_pkce", true)).is_ok());
}
