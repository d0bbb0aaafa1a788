//! The client's own host has a page that forwards anywhere, and Mallory names it as redirect URI.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn nothing_beside_the_registered_address_is_reached() {
    let desk = Desk::open();
    for uri in [
        "https://robot.example/cb?to=https://evil.example",
        "https://robot.example/cb/extra",
        "https://robot.example/go?to=https://evil.example",
        "https://robot.example/cb/../go",
        "https://robot.example/",
        "https://robot.example",
    ] {
        assert_eq!(desk.page(&desk.request(ROBOT).with("redirect_uri", uri)), Rule::RedirectUriUnregistered, "{uri}");
    }
    assert!(desk.check(&desk.request(ROBOT).with("redirect_uri", ROBOT_CB)).is_ok());
}
