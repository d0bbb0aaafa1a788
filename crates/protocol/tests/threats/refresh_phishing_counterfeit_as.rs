//! The client was led to a false token endpoint, which relays its refresh token here.

use protocol::record::EndReason;
use protocol::rules::Rule;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn the_relay_and_the_client_cannot_both_go_on() {
    let mut desk = Desk::open();
    let tokens = desk.connect(APP);
    // The relay keeps the new token and uses it once; the client is told that something failed, and tries again.
    let relayed = desk.token(APP, Desk::refreshing(tokens.refresh())).expect("looks like the client");
    let used = desk.token(APP, Desk::refreshing(relayed.refresh())).expect("the relay goes on");
    let grant = desk.grant().id;
    let retry = desk.token(APP, Desk::refreshing(tokens.refresh()));
    assert_eq!(denied(retry), (Rule::RefreshReplayed, Consequence::EndGrant(grant, EndReason::RefreshReplayed)));
    assert_eq!(denied(desk.token(APP, Desk::refreshing(used.refresh()))).0, Rule::RefreshGrantEnded);
}

#[test]
fn a_secret_client_is_safe_as_long_as_its_secret_is() {
    let mut desk = Desk::open();
    let tokens = desk.connect(KEYED);
    // The relay got an assertion, too. It was made for the relay, so it counts nowhere else.
    let mut claims = assertion_claims(KEYED, "relayed");
    claims.aud = jose::Audience::one("https://evil.example");
    let body = asserting(Desk::refreshing(tokens.refresh()), &assertion(client_key(), &claims));
    assert_eq!(denied(desk.token_raw(None, &body.bytes())).0, Rule::AssertionAudience);
    assert!(desk.token(KEYED, Desk::refreshing(tokens.refresh())).is_ok());
}
