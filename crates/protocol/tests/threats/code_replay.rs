//! A code comes a second time.

use protocol::record::EndReason;
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_spent_code_with_right_proofs_ends_the_grant() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code);
    let tokens = desk.token(ROBOT, redemption.clone()).expect("the first use");
    assert!(desk.live(tokens.access()).is_ok());

    let grant = desk.grant().id;
    let replay = desk.token(ROBOT, redemption.clone());
    assert_eq!(denied(replay), (Rule::CodeReplayed, Consequence::EndGrant(grant, EndReason::CodeReplayed)));
    assert_eq!(Rule::CodeReplayed.signal(), Some(Signal::CodeReplayed));

    // All that came of the first use is over.
    assert_eq!(desk.live(tokens.access()).err(), Some(Rule::TokenRevoked));
    assert_eq!(denied(desk.token(ROBOT, Desk::refreshing(tokens.refresh()))).0, Rule::RefreshGrantEnded);
    // A third time ends nothing any more.
    assert_eq!(denied(desk.token(ROBOT, redemption)), (Rule::CodeGrantEnded, Consequence::Nothing));
}

#[test]
fn a_spent_code_with_wrong_proofs_changes_nothing() {
    for (name, value) in [("code_verifier", MALLORYS_VERIFIER), ("redirect_uri", "https://robot.example/other")] {
        let mut desk = Desk::open();
        let request = desk.request(ROBOT);
        let code = desk.code(&request);
        let redemption = desk.redemption(ROBOT, &code);
        let tokens = desk.token(ROBOT, redemption.clone()).expect("the first use");
        let wrong = redemption.with(name, value);
        assert_eq!(denied(desk.token(ROBOT, wrong)), (Rule::CodeUnknown, Consequence::Nothing));
        assert!(desk.live(tokens.access()).is_ok(), "the grant lives on");
    }
}

#[test]
fn a_replay_counts_even_after_the_code_has_expired() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code);
    desk.token(ROBOT, redemption.clone()).expect("the first use");
    desk.wait(3600);
    let (rule, consequence) = denied(desk.token(ROBOT, redemption));
    assert_eq!(rule, Rule::CodeReplayed);
    assert_ne!(consequence, Consequence::Nothing);
}
