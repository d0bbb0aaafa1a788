//! A code is read on its way, in a log or a history, and used later.

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_code_lives_a_minute() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let (early, late) = (desk.code(&request), desk.code(&request));
    desk.wait(59);
    let redemption = desk.redemption(ROBOT, &early);
    assert!(desk.token(ROBOT, redemption).is_ok(), "in its last second");
    desk.wait(1);
    let redemption = desk.redemption(ROBOT, &late);
    assert_eq!(denied(desk.token(ROBOT, redemption)), (Rule::CodeExpired, Consequence::Nothing));
    assert_eq!(Rule::CodeExpired.signal(), Some(Signal::CodeExpiredUse));
}

#[test]
fn a_code_alone_is_worth_nothing_even_for_a_public_client() {
    let mut desk = Desk::open();
    let request = desk.request(APP);
    let code = desk.code(&request);
    let overheard = desk.redemption(APP, &code).without("code_verifier");
    assert_eq!(denied(desk.token(APP, overheard)).0, Rule::PkceVerifierMissing);
}
