//! A false API has the client send it a token that is good at the true one.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn no_token_is_made_for_an_api_that_the_server_does_not_know() {
    let mut desk = Desk::open();
    let counterfeit = "https://mail.example.evil.example";
    assert_eq!(desk.sent_back(&desk.request(ROBOT).with("resource", counterfeit)), Rule::ResourceUnknown);
    let body = Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read"), ("resource", counterfeit)]);
    assert_eq!(denied(desk.token(ROBOT, body)).0, Rule::ResourceNotAllowed);
    let tokens = desk.connect(ROBOT);
    let refreshed = desk.token(ROBOT, Desk::refreshing(tokens.refresh()).and("resource", counterfeit));
    assert_eq!(denied(refreshed).0, Rule::ResourceNotAllowed);
}
