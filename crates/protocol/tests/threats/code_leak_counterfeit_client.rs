//! The code was sent to another of the client's addresses than the one where it is redeemed.

use protocol::rules::Rule;
use protocol::token::Consequence;
use serde_json::json;

use crate::cast::*;

#[test]
fn the_redirect_uri_must_be_the_same_at_both_endpoints() {
    let mut desk = Desk::open();
    let two = json!(["https://two.example/cb", "https://two.example/old"]);
    desk.clients.add(&with(web("two"), "redirect_uris", two));
    let request = desk.request("two").with("redirect_uri", "https://two.example/old");
    let code = desk.code(&request);
    let id = *desk.ledger.codes.keys().next().expect("one code");
    let swapped = desk.redemption("two", &code).with("redirect_uri", "https://two.example/cb");
    assert_eq!(denied(desk.token("two", swapped)), (Rule::CodeRedirectMismatch, Consequence::BurnCode(id)));

    let code = desk.code(&request);
    let honest = desk.redemption("two", &code).with("redirect_uri", "https://two.example/old");
    assert!(desk.token("two", honest).is_ok());
}

#[test]
fn a_redirect_uri_left_out_of_both_requests_is_no_mismatch() {
    // RFC 6749 section 4.1.3 asks for it only "if the redirect_uri parameter was included in the authorization request".
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).without("redirect_uri").with("scope", "mail:read");
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code).without("redirect_uri");
    assert!(desk.token(ROBOT, redemption).is_ok());

    // But then naming one anyhow must not name another.
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code).with("redirect_uri", "https://robot.example/other");
    assert_eq!(denied(desk.token(ROBOT, redemption)).0, Rule::CodeRedirectMismatch);
}
