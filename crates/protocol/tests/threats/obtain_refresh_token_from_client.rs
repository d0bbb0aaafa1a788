//! A client's token table is copied, or one app reads another's files.

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_token_is_good_for_its_own_client_only() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let body = Desk::refreshing(tokens.refresh());
    for thief in [MALLORY, APP, KEYED] {
        let refused = desk.token(thief, body.clone());
        assert_eq!(denied(refused), (Rule::RefreshForeign, Consequence::Nothing), "{thief}");
    }
    assert_eq!(Rule::RefreshForeign.signal(), Some(Signal::RefreshClientMismatch));

    let next = desk.token(ROBOT, body.clone()).expect("the owner is not disturbed");
    desk.token(ROBOT, Desk::refreshing(next.refresh())).expect("rotates");
    // Spent by now: a stranger who presents it still ends nothing.
    assert_eq!(denied(desk.token(MALLORY, body)), (Rule::RefreshForeign, Consequence::Nothing));
    assert_eq!(desk.grant().ended, None);
}

#[test]
fn a_refresh_token_comes_only_where_the_client_is_registered_for_it() {
    let mut desk = Desk::open();
    desk.clients.add(&with(web("brief"), "grant_types", serde_json::json!(["authorization_code"])));
    let tokens = desk.connect("brief");
    assert!(tokens.0.get("refresh_token").is_none());
    let robots = desk.connect(ROBOT);
    assert_eq!(denied(desk.token("brief", Desk::refreshing(robots.refresh()))).0, Rule::GrantTypeNotAllowed);
}
