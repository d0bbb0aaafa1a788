//! An access token is copied out of an app.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn a_token_lives_five_minutes() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    assert_eq!(tokens.0["expires_in"], 300);
    desk.wait(299);
    assert!(desk.live(tokens.access()).is_ok());
    desk.wait(1);
    assert_eq!(desk.live(tokens.access()).err(), Some(Rule::TokenExpired));
    assert_eq!(Rule::TokenExpired.signal(), Some(Signal::TokenExpiredUseBurst));
}

#[test]
fn an_opaque_token_lives_no_longer() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "cal:read");
    let tokens = desk.connect_by(&request);
    assert!(tokens.access().starts_with("sc_at."));
    desk.wait(299);
    assert!(desk.live(tokens.access()).is_ok());
    desk.wait(1);
    assert_eq!(desk.live(tokens.access()).err(), Some(Rule::TokenExpired));
}

#[test]
fn no_operator_makes_it_live_longer_than_an_hour() {
    for seconds in [0, 9, 3601, 1_000_000] {
        assert_eq!(refused(&with(web("w"), "access_token_lifetime", seconds)).0, "access_token_lifetime");
    }
    let mut desk = Desk::open();
    desk.clients.add(&with(web("w"), "access_token_lifetime", 3600));
    assert_eq!(desk.connect("w").0["expires_in"], 3600);
}

#[test]
fn no_token_outlives_its_grant() {
    let mut desk = Desk::open();
    let mut tokens = desk.connect(APP);
    for _ in 0..6 {
        desk.wait(29 * 86_400);
        tokens = desk.token(APP, Desk::refreshing(tokens.refresh())).expect("within 180 days");
    }
    desk.wait(6 * 86_400 - 10);
    let last = desk.token(APP, Desk::refreshing(tokens.refresh())).expect("ten seconds before the end");
    assert_eq!(last.0["expires_in"], 10);
    let end = desk.grant().expires;
    assert!(desk.ledger.refreshes.values().all(|(token, _)| token.expires <= end));
}
