//! Two requests redeem one code at the same moment.

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Spend;

use crate::cast::*;

#[test]
fn both_may_plan_and_one_is_committed() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code);
    let first = desk.plan(ROBOT, redemption.clone()).expect("nothing is spent yet");
    let second = desk.plan(ROBOT, redemption).expect("nothing is spent yet");
    assert_eq!(first.spend, second.spend, "both spend one thing, so the ledger can tell");
    assert!(matches!(first.spend, Spend::Code { .. }));

    assert!(desk.commit(second).is_ok());
    let lost = desk.commit(first).expect_err("the other was faster");
    assert_eq!(lost.rule, Rule::CodeLostRace);
    assert_eq!(Rule::CodeLostRace.signal(), Some(Signal::CodeReplayed));
    assert_eq!(desk.ledger.refreshes.len(), 1, "one line of tokens");
}
