//! Mallory has Ada's browser call the client's callback with a code of his own account.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn a_code_of_another_session_does_not_fit_the_victims_verifier() {
    let mut desk = Desk::open();
    let mallorys = desk.request(ROBOT).with("code_challenge", &challenge(MALLORYS_VERIFIER));
    let planted = desk.code(&mallorys);
    // The client redeems it in Ada's session, so with Ada's verifier.
    let redemption = desk.redemption(ROBOT, &planted);
    assert_eq!(denied(desk.token(ROBOT, redemption)).0, Rule::PkceMismatch);
}

#[test]
fn state_comes_back_exactly_in_every_answer() {
    let mut desk = Desk::open();
    for state in ["plain", "a b+c%20&d=e#f", "\u{e9}\u{1f511}", "\"><script>", &"x".repeat(4096)] {
        for mode in ["query", "form_post"] {
            let request = desk.request(ROBOT).with("state", state).with("response_mode", mode);
            assert_eq!(field(&desk.allow(&request), "state"), state);
        }
    }
    let without = desk.request(ROBOT).without("state");
    assert!(fields(&desk.allow(&without)).1.iter().all(|(name, _)| name != "state"));
}
