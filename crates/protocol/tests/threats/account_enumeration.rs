//! Answers that tell apart what a stranger must not tell apart.

use std::collections::BTreeSet;

use protocol::authorize::NextStep;
use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn all_ways_in_which_a_code_is_bad_read_alike() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let (unused, used, burned, old) =
        (desk.code(&request), desk.code(&request), desk.code(&request), desk.code(&request));
    let mut wire = BTreeSet::new();
    let mut rules = BTreeSet::new();
    let mut note = |answer: Result<Tokens, Refused>| {
        let refused = answer.expect_err("must be refused");
        rules.insert(refused.rule);
        wire.insert(refused.wire);
    };
    let redeem = |desk: &mut Desk, code: &str| {
        let redemption = desk.redemption(ROBOT, code);
        desk.token(ROBOT, redemption)
    };
    note(redeem(&mut desk, "sc_ac.unknown"));
    let foreign = desk.redemption(ROBOT, &unused);
    note(desk.token(MALLORY, foreign));
    redeem(&mut desk, &used).expect("the first use");
    note(redeem(&mut desk, &used));
    note(redeem(&mut desk, &used));
    let wrong = desk.redemption(ROBOT, &burned).with("code_verifier", MALLORYS_VERIFIER);
    desk.token(ROBOT, wrong).expect_err("burns");
    note(redeem(&mut desk, &burned));
    desk.wait(61);
    note(redeem(&mut desk, &old));
    use Rule::{CodeBurned, CodeExpired, CodeForeign, CodeGrantEnded, CodeReplayed, CodeUnknown};
    assert_eq!(
        rules,
        BTreeSet::from([CodeUnknown, CodeExpired, CodeForeign, CodeReplayed, CodeBurned, CodeGrantEnded])
    );
    assert_eq!(wire.len(), 1, "{wire:?}");
}

#[test]
fn all_ways_in_which_a_refresh_token_is_bad_read_alike() {
    let mut desk = Desk::open();
    let first = desk.connect(ROBOT);
    let second = desk.token(ROBOT, Desk::refreshing(first.refresh())).expect("rotates");
    let mut wire = BTreeSet::new();
    wire.insert(desk.token(ROBOT, Desk::refreshing("sc_rt.unknown")).expect_err("unknown").wire);
    wire.insert(desk.token(MALLORY, Desk::refreshing(first.refresh())).expect_err("foreign").wire);
    desk.token(ROBOT, Desk::refreshing(second.refresh())).expect("rotates");
    wire.insert(desk.token(ROBOT, Desk::refreshing(first.refresh())).expect_err("replayed").wire);
    wire.insert(desk.token(ROBOT, Desk::refreshing(second.refresh())).expect_err("grant ended").wire);
    assert_eq!(wire.len(), 1, "{wire:?}");
}

#[test]
fn silence_does_not_tell_who_is_signed_in() {
    let desk = Desk::open();
    let expected = r#"{"id_token":{"sub":{"value":"u_ada"}}}"#;
    let checked = desk.check(&desk.request(ROBOT).with("prompt", "none").with("claims", expected)).expect("honest");
    let nobody = checked.next_step(None, None, None, NOW);
    let somebody_else = checked.next_step(Some(&session_of("u_bob", NOW)), None, None, NOW);
    assert_eq!(nobody, NextStep::Refuse(Rule::LoginRequired));
    assert_eq!(nobody, somebody_else);
}
