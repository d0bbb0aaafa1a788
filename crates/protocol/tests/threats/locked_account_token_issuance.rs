//! The account is locked or the client switched off, and something that was issued before is still good for tokens.

use protocol::record::{EndReason, OwnerStatus};
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

fn lock(desk: &mut Desk) {
    desk.ledger.owners.get_mut(ADA).expect("Ada").status = OwnerStatus::Locked;
}

#[test]
fn a_locked_person_has_no_new_tokens_and_the_old_ones_do_not_count() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let tokens = desk.connect(ROBOT);
    lock(&mut desk);
    assert_eq!(desk.live(tokens.access()).err(), Some(Rule::TokenLocked));
    for body in [desk.redemption(ROBOT, &code), Desk::refreshing(tokens.refresh())] {
        // Used while locked, a grant is over for good.
        let (rule, consequence) = denied(desk.token(ROBOT, body));
        assert_eq!(rule, Rule::OwnerLocked);
        assert!(matches!(consequence, Consequence::EndGrant(_, EndReason::OwnerLocked)));
    }
    assert_eq!(Rule::OwnerLocked.signal(), Some(Signal::DisabledSubjectUse));
    assert_eq!(Rule::TokenLocked.signal(), Some(Signal::DisabledSubjectUse));

    desk.ledger.owners.get_mut(ADA).expect("Ada").status = OwnerStatus::Active;
    assert_eq!(denied(desk.token(ROBOT, Desk::refreshing(tokens.refresh()))).0, Rule::RefreshGrantEnded);
    let fresh = desk.connect(ROBOT);
    assert!(desk.token(ROBOT, Desk::refreshing(fresh.refresh())).is_ok(), "unlocked, a new grant is as good as any");
}

#[test]
fn a_disabled_client_gets_nothing_anywhere() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let tokens = desk.connect(ROBOT);
    let own = desk.token(ROBOT, Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")])).expect("on");
    desk.clients.change(ROBOT, |client| client.set_disabled(true));
    assert_eq!(desk.page(&request), Rule::ClientDisabled);
    for body in [
        desk.redemption(ROBOT, &code),
        Desk::refreshing(tokens.refresh()),
        Form::of(&[("grant_type", "client_credentials")]),
    ] {
        assert_eq!(denied(desk.token(ROBOT, body)).0, Rule::ClientAuthDisabled);
    }
    assert_eq!(desk.live(tokens.access()).err(), Some(Rule::TokenLocked));
    assert_eq!(desk.live(own.access()).err(), Some(Rule::TokenLocked));
    // A client that is gone altogether is no better.
    desk.clients.by_id.remove(ROBOT);
    assert_eq!(desk.live(tokens.access()).err(), Some(Rule::TokenLocked));
    assert_eq!(desk.page(&request), Rule::ClientUnknown);
}

#[test]
fn a_disabled_public_client_gets_nothing_either() {
    let mut desk = Desk::open();
    let tokens = desk.connect(APP);
    desk.clients.change(APP, |client| client.set_disabled(true));
    assert_eq!(denied(desk.token(APP, Desk::refreshing(tokens.refresh()))).0, Rule::ClientAuthDisabled);
}
