//! Something was ended, and some token still works.

use protocol::handle::Id;
use protocol::inspect::Revocation;
use protocol::record::EndReason;
use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn giving_back_the_refresh_token_ends_all_that_came_of_the_grant() {
    let mut desk = Desk::open();
    let first = desk.connect(ROBOT);
    let second = desk.token(ROBOT, Desk::refreshing(first.refresh())).expect("rotates");
    // A token that was rotated already is as good for ending as the newest.
    let grant = desk.grant().id;
    assert_eq!(desk.revoke(ROBOT, first.refresh()), Revocation::Grant(grant, EndReason::ClientRevoked));
    for token in [&first, &second] {
        assert_eq!(desk.live(token.access()).err(), Some(Rule::TokenRevoked));
        assert_eq!(denied(desk.token(ROBOT, Desk::refreshing(token.refresh()))).0, Rule::RefreshGrantEnded);
    }
    assert_eq!(Rule::TokenRevoked.signal(), Some(Signal::RevokedTokenUse));
}

#[test]
fn ending_a_grant_ends_its_code() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let grant = desk.grant().id;
    desk.ledger.end(grant, NOW);
    let redemption = desk.redemption(ROBOT, &code);
    assert_eq!(denied(desk.token(ROBOT, redemption)).0, Rule::CodeGrantEnded);
}

#[test]
fn giving_back_an_access_token_ends_it_whatever_its_form() {
    for scope in ["mail:read", "cal:read"] {
        let mut desk = Desk::open();
        let request = desk.request(ROBOT).with("scope", scope);
        let tokens = desk.connect_by(&request);
        assert!(desk.live(tokens.access()).is_ok());
        assert!(matches!(desk.revoke(ROBOT, tokens.access()), Revocation::Access { .. }));
        assert!(desk.live(tokens.access()).is_err(), "{scope}");
        let next = desk.token(ROBOT, Desk::refreshing(tokens.refresh())).expect("the grant lives on");
        assert!(desk.live(next.access()).is_ok());
    }
}

#[test]
fn a_grant_that_is_gone_takes_its_tokens_along() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    desk.ledger.grants.clear();
    assert_eq!(desk.live(tokens.access()).err(), Some(Rule::TokenRevoked));
}

#[test]
fn a_clients_own_token_has_no_grant_and_ends_by_itself() {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")]);
    let tokens = desk.token(ROBOT, body).expect("registered for it");
    assert_eq!(desk.live(tokens.access()).expect("live").token().grant, Id::NONE);
    desk.revoke(ROBOT, tokens.access());
    assert!(desk.live(tokens.access()).is_err());
}
