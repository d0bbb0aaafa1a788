//! A server that matches by pattern, prefix or meaning sends codes to addresses that nobody registered.

use protocol::rules::Rule;
use serde_json::json;

use crate::cast::*;

#[test]
fn bytes_are_compared_and_nothing_else() {
    let desk = Desk::open();
    for uri in [
        "https://robot.example/CB",
        "https://ROBOT.example/cb",
        "https://robot.example:443/cb",
        "https://robot.example/cb/",
        "https://robot.example/cb?",
        "https://robot.example/cb#",
        "https://robot.example/%63b",
        "https://a.robot.example/cb",
        "https://robot.example.evil.example/cb",
        "http://robot.example/cb",
        "https://robot.example/cb ",
        " https://robot.example/cb",
    ] {
        assert_eq!(desk.page(&desk.request(ROBOT).with("redirect_uri", uri)), Rule::RedirectUriUnregistered, "{uri}");
    }
}

#[test]
fn a_pattern_cannot_even_be_registered() {
    for uri in ["https://*.robot.example/cb", "https://robot.example/*", "https://robot.example/cb#here"] {
        assert_eq!(refused(&with(web("w"), "redirect_uris", json!([uri]))).0, "redirect_uris", "{uri}");
    }
}

#[test]
fn what_goes_out_is_what_was_registered() {
    let mut desk = Desk::open();
    desk.clients.add(&with(web("q"), "redirect_uris", json!(["https://q.example/cb?tenant=a%20b"])));
    let request = desk.request("q").with("redirect_uri", "https://q.example/cb?tenant=a%20b");
    let answer = desk.allow(&request);
    let protocol::wire::response::BrowserAnswer::Redirect(location) = &answer else { panic!("query mode") };
    assert!(location.starts_with("https://q.example/cb?tenant=a%20b&code=sc_ac."));
}
