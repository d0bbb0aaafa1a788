//! A redirect URI that brings response parameters along: the client would read the first of two codes.

use protocol::rules::Rule;
use serde_json::json;

use crate::cast::*;

#[test]
fn response_parameters_are_not_registrable() {
    for name in
        ["code", "state", "iss", "error", "error_description", "error_uri", "access_token", "id_token", "response"]
    {
        for uri in [format!("https://w.example/cb?{name}=x"), format!("https://w.example/cb?a=b&{name}")] {
            assert_eq!(refused(&with(web("w"), "redirect_uris", json!([uri]))).0, "redirect_uris", "{uri}");
        }
    }
    let spelled = "https://w.example/cb?c%6fde=x";
    assert_eq!(refused(&with(web("w"), "redirect_uris", json!([spelled]))).0, "redirect_uris");
    assert!(register(&with(web("w"), "redirect_uris", json!(["https://w.example/cb?tenant=1"]))).is_ok());
}

#[test]
fn they_cannot_be_added_to_a_request_and_each_field_comes_once() {
    let mut desk = Desk::open();
    let polluted = desk.request(ROBOT).with("redirect_uri", "https://robot.example/cb?code=planted");
    assert_eq!(desk.page(&polluted), Rule::RedirectUriUnregistered);
    // state cannot break out of its field.
    let request = desk.request(ROBOT).with("state", "x&code=planted&iss=https://evil.example#");
    let answer = desk.allow(&request);
    assert!(field(&answer, "code").starts_with("sc_ac."));
    assert_eq!(field(&answer, "iss"), ISSUER);
}
