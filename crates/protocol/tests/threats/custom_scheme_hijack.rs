//! A hostile app claims the same private-use scheme and gets the code instead.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn the_hijacker_has_no_verifier() {
    let mut desk = Desk::open();
    let request = desk.request(APP).with("redirect_uri", "com.example.app:/cb");
    let caught = desk.code(&request);
    let redemption = desk.redemption(APP, &caught).with("redirect_uri", "com.example.app:/cb");
    let guess = redemption.clone().with("code_verifier", MALLORYS_VERIFIER);
    assert_eq!(denied(desk.token(APP, guess)).0, Rule::PkceMismatch);

    let again = desk.code(&request);
    let honest = redemption.with("code", &again);
    assert!(desk.token(APP, honest).is_ok());
}

#[test]
fn a_scheme_is_a_name_that_somebody_owns() {
    for uri in ["myapp:/cb", "app://cb", "javascript:alert(1)"] {
        let metadata = with(native("hijack"), "redirect_uris", serde_json::json!([uri]));
        assert_eq!(refused(&metadata).0, "redirect_uris", "{uri}");
    }
}
