//! A defence is turned against the one it protects: somebody who found a worthless value ends the owner's session.

use protocol::record::CodeState;
use protocol::rules::Rule;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_stranger_destroys_nothing_by_what_he_found() {
    let mut desk = Desk::open();
    let request = desk.request(APP);
    let code = desk.code(&request);
    let spent = desk.code(&request);
    let redemption = desk.redemption(APP, &spent);
    let tokens = desk.token(APP, redemption.clone()).expect("honest");
    let newer = desk.token(APP, Desk::refreshing(tokens.refresh())).expect("rotates");
    desk.token(APP, Desk::refreshing(newer.refresh())).expect("rotates");

    // Codes and a spent refresh token from a log, presented by another client.
    let live = desk.redemption(APP, &code).with("code_verifier", MALLORYS_VERIFIER);
    for attempt in [live, redemption, Desk::refreshing(tokens.refresh())] {
        assert_eq!(denied(desk.token(MALLORY, attempt)).1, Consequence::Nothing);
    }
    // A spent code of a public client, whose name anybody can use, without its proofs.
    let bare = desk.redemption(APP, &spent).with("code_verifier", MALLORYS_VERIFIER);
    assert_eq!(denied(desk.token(APP, bare)), (Rule::CodeUnknown, Consequence::Nothing));
    // The right row with a wrong secret part.
    let wrong = format!("{}{}", &code[..code.len() - 43], "A".repeat(43));
    let guess = desk.redemption(APP, &wrong).with("code_verifier", MALLORYS_VERIFIER);
    assert_eq!(denied(desk.token(APP, guess)), (Rule::CodeUnknown, Consequence::Nothing));

    assert!(desk.ledger.grants.values().all(|grant| grant.ended.is_none()));
    assert!(desk.ledger.codes.values().all(|(code, _)| code.state != CodeState::Burned));
}
