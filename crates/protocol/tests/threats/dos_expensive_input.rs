//! Much to read for little to send.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn everything_has_a_size() {
    let desk = Desk::open();
    let request = desk.request(ROBOT);
    assert_eq!(desk.page(&request.clone().with("state", &"x".repeat(4097))), Rule::ParameterTooLong);
    assert_eq!(desk.page(&request.clone().and("extension", &"x".repeat(40_000))), Rule::RequestTooLarge);
    let many = (0..64).fold(request.clone(), |form, n| form.and(&format!("p{n}"), "1"));
    assert_eq!(desk.page(&many), Rule::RequestTooLarge);
    let scopes: Vec<String> = (0..1000).map(|n| format!("s{n}")).collect();
    assert_eq!(desk.page(&request.clone().with("scope", &scopes.join(" "))), Rule::ParameterTooLong);
    for rule in [Rule::ParameterTooLong, Rule::RequestTooLarge] {
        assert_eq!(rule.signal(), Some(Signal::RequestTooLarge));
    }
    assert!(desk.check(&request.with("state", &"x".repeat(4096))).is_ok());
}

#[test]
fn claims_are_neither_deep_nor_wide() {
    let desk = Desk::open();
    let claims = |text: &str| desk.sent_back(&desk.request(ROBOT).with("claims", text));
    assert_eq!(claims(&"[".repeat(2000)), Rule::ClaimsMalformed);
    let deep = format!(r#"{{"id_token":{{"x":{{"value":{}1{}}}}}}}"#, "[".repeat(10), "]".repeat(10));
    assert_eq!(claims(&deep), Rule::ClaimsMalformed);
    let wide: Vec<String> = (0..65).map(|n| format!(r#""c{n}":null"#)).collect();
    assert_eq!(claims(&format!(r#"{{"id_token":{{{}}}}}"#, wide.join(","))), Rule::ClaimsMalformed);
    let values = vec!["1"; 17].join(",");
    assert_eq!(claims(&format!(r#"{{"id_token":{{"x":{{"values":[{values}]}}}}}}"#)), Rule::ClaimsMalformed);
}

#[test]
fn credentials_are_small() {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials")]).bytes();
    assert_eq!(denied(desk.token_raw(Some(&basic(ROBOT, &"x".repeat(2000))), &body)).0, Rule::BasicMalformed);
    let long = asserting(Form::default(), &"x".repeat(8193));
    assert_eq!(denied(desk.token_raw(None, &long.bytes())).0, Rule::ParameterTooLong);
    let uris: Vec<String> = (0..33).map(|n| format!("https://w.example/{n}")).collect();
    assert_eq!(refused(&with(web("w"), "redirect_uris", serde_json::json!(uris))).0, "redirect_uris");
    let long = format!("https://w.example/{}", "x".repeat(2048));
    assert_eq!(refused(&with(web("w"), "redirect_uris", serde_json::json!([long]))).0, "redirect_uris");
}
