//! Mallory has Ada's code and hands it to the client's callback in his own browser, to become Ada there.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn the_verifier_of_the_own_session_does_not_fit() {
    let mut desk = Desk::open();
    let adas = desk.request(ROBOT);
    let stolen = desk.code(&adas);
    let own = desk.request(ROBOT).with("code_challenge", &challenge(MALLORYS_VERIFIER));
    let mallorys = desk.code(&own);

    let swapped = desk.redemption(ROBOT, &stolen).with("code_verifier", MALLORYS_VERIFIER);
    assert_eq!(denied(desk.token(ROBOT, swapped)).0, Rule::PkceMismatch);
    let control = desk.redemption(ROBOT, &mallorys).with("code_verifier", MALLORYS_VERIFIER);
    assert!(desk.token(ROBOT, control).is_ok());
}
