//! Two refreshes with one token at the same moment must not make two lines of tokens.

use protocol::record::RefreshState;
use protocol::rules::Rule;
use protocol::token::Spend;

use crate::cast::*;

#[test]
fn of_two_rotations_one_is_committed() {
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    let one = desk.plan(APP, Desk::refreshing(first.refresh())).expect("active");
    let two = desk.plan(APP, Desk::refreshing(first.refresh())).expect("active");
    assert!(matches!(one.spend, Spend::Rotate { .. }));
    assert_eq!(one.spend, two.spend);
    let won = desk.commit(one).expect("first");
    let lost = desk.commit(two).expect_err("the other was faster");
    assert_eq!(lost.rule, Rule::RefreshLostRace);

    // The loser is honest, and its retry is a lost answer. The line does not fork.
    let again = desk.token(APP, Desk::refreshing(first.refresh())).expect("answered again");
    let active = desk.ledger.refreshes.values().filter(|(token, _)| token.state == RefreshState::Active).count();
    assert_eq!(active, 1);
    assert_ne!(won.refresh(), again.refresh());
}

#[test]
fn of_two_reanswers_one_is_committed() {
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    desk.token(APP, Desk::refreshing(first.refresh())).expect("rotates");
    let one = desk.plan(APP, Desk::refreshing(first.refresh())).expect("lost answer");
    let two = desk.plan(APP, Desk::refreshing(first.refresh())).expect("lost answer");
    assert!(one.is_reanswer() && one.spend == two.spend, "both supersede one successor");
    desk.commit(one).expect("first");
    assert_eq!(desk.commit(two).expect_err("late").rule, Rule::RefreshLostRace);
}

#[test]
fn a_refresh_tokens_id_comes_before_that_of_the_access_token_beside_it() {
    // By this order the ledger tells what was issued with which refresh token.
    let mut desk = Desk::open();
    let first = desk.connect(APP);
    let plan = desk.plan(APP, Desk::refreshing(first.refresh())).expect("active");
    let (refresh, _) = plan.refresh.as_ref().and_then(|refresh| refresh.stored()).expect("rotates");
    assert!(refresh < plan.access.record.id);
}
