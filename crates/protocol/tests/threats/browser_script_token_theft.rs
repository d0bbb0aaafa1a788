//! Script in a single-page application reads its tokens, and renews them unseen.

use protocol::rules::Rule;

use crate::cast::*;

/// A public client in a browser.
fn page() -> Desk {
    let mut desk = Desk::open();
    desk.clients.add(&with(web("spa"), "token_endpoint_auth_method", "none"));
    desk
}

#[test]
fn what_is_stolen_ends_and_its_end_does_not_move() {
    let mut desk = page();
    let mut stolen = desk.connect("spa");
    let end = desk.grant().expires;
    for _ in 0..6 {
        desk.wait(29 * 86_400);
        stolen = desk.token("spa", Desk::refreshing(stolen.refresh())).expect("the owner's page is closed");
        assert_eq!(desk.grant().expires, end);
    }
    desk.wait(29 * 86_400);
    assert_eq!(denied(desk.token("spa", Desk::refreshing(stolen.refresh()))).0, Rule::RefreshGrantEnded);
}

#[test]
fn thief_and_page_cannot_both_renew() {
    let mut desk = page();
    let tokens = desk.connect("spa");
    let thief = desk.token("spa", Desk::refreshing(tokens.refresh())).expect("first");
    desk.live(thief.access()).expect("the thief uses it");
    assert_eq!(denied(desk.token("spa", Desk::refreshing(tokens.refresh()))).0, Rule::RefreshReplayed);
    let metadata = with(with(web("s"), "token_endpoint_auth_method", "none"), "refresh_token_policy", "reuse");
    assert_eq!(refused(&metadata).0, "refresh_token_policy", "it always rotates");
}
