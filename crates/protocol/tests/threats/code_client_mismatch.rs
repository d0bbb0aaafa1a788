//! Another client presents a code that is not its own.

use protocol::record::CodeState;
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_foreign_client_neither_spends_nor_burns_nor_ends() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let id = *desk.ledger.codes.keys().next().expect("one code");
    // With every proof right, and with every proof wrong.
    let right = desk.redemption(ROBOT, &code);
    let wrong = right.clone().with("code_verifier", MALLORYS_VERIFIER).with("redirect_uri", MALLORY_CB);
    for attempt in [right.clone(), wrong.clone()] {
        assert_eq!(denied(desk.token(MALLORY, attempt)), (Rule::CodeForeign, Consequence::Nothing));
    }
    assert_eq!(Rule::CodeForeign.signal(), Some(Signal::CodeClientMismatch));
    assert_eq!(desk.ledger.codes[&id].0.state, CodeState::Active);

    let tokens = desk.token(ROBOT, right.clone()).expect("the owner is not disturbed");
    for attempt in [right, wrong] {
        assert_eq!(denied(desk.token(MALLORY, attempt)), (Rule::CodeForeign, Consequence::Nothing));
    }
    assert!(desk.live(tokens.access()).is_ok(), "a foreign replay ends nothing");
}

#[test]
fn whoever_asks_must_say_who_he_is() {
    let mut desk = Desk::open();
    let request = desk.request(APP);
    let code = desk.code(&request);
    let anonymous = desk.redemption(APP, &code);
    assert_eq!(denied(desk.token_raw(None, &anonymous.bytes())).0, Rule::ClientAuthMissing);
    assert!(desk.token(APP, anonymous).is_ok(), "with client_id it is the app's own code");
}
