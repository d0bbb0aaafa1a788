//! A caller learns of tokens that are none of its business.

use crate::cast::*;

#[test]
fn a_resource_server_learns_of_its_own_tokens() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let known = desk.introspect(MAIL_API, tokens.access()).expect("its own");
    assert_eq!(known["active"], true);
    assert_eq!((known["sub"].as_str(), known["client_id"].as_str()), (Some(ADA), Some(ROBOT)));
    assert_eq!(known["scope"], "openid mail:read");
    assert_eq!(known["aud"], serde_json::json!([MAIL]), "of several audiences it is told its own");
    for caller in [CALENDAR_API, ROBOT, MALLORY, APP] {
        assert_eq!(desk.introspect(caller, tokens.access()), None, "{caller}");
    }
}

#[test]
fn everything_else_reads_alike() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    // Backwards, as a change of the last character alone would be none one time in four.
    let (signed, signature) = tokens.access().rsplit_once('.').expect("three parts");
    let guess = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for token in ["x", guess.as_str(), tokens.refresh()] {
        assert_eq!(desk.introspect(MAIL_API, token), None);
    }
    desk.wait(300);
    assert_eq!(desk.introspect(MAIL_API, tokens.access()), None, "expired");
}

#[test]
fn who_may_introspect_authenticates() {
    for public in [native("p"), with(web("p"), "token_endpoint_auth_method", "none")] {
        let metadata = with(public, "introspect_resources", serde_json::json!([MAIL]));
        assert_eq!(refused(&metadata).0, "introspect_resources");
    }
}
