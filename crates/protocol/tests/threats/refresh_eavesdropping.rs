//! Mallory read a refresh token on the wire.

use protocol::rules::Rule;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_confidential_clients_token_needs_its_credentials_besides() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let body = Desk::refreshing(tokens.refresh());
    assert_eq!(denied(desk.token_raw(None, &body.clone().and("client_id", ROBOT).bytes())).0, Rule::ClientAuthMissing);
    assert_eq!(denied(desk.token_raw(None, &body.clone().bytes())).0, Rule::ClientAuthMissing);
    assert_eq!(denied(desk.token(MALLORY, body.clone())), (Rule::RefreshForeign, Consequence::Nothing));
    assert!(desk.token(ROBOT, body).is_ok());
}

#[test]
fn a_public_clients_token_shows_its_second_user() {
    let mut desk = Desk::open();
    let tokens = desk.connect(APP);
    let thief = desk.token(APP, Desk::refreshing(tokens.refresh())).expect("nobody can tell yet");
    desk.live(thief.access()).expect("the thief uses what he got");
    assert_eq!(denied(desk.token(APP, Desk::refreshing(tokens.refresh()))).0, Rule::RefreshReplayed);
    assert_eq!(desk.live(thief.access()).err(), Some(Rule::TokenRevoked), "and that ends it for both");
}
