//! A link on the server's own host is to carry the browser to Mallory.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn client_and_redirect_come_first_whatever_else_is_wrong() {
    let desk = Desk::open();
    let honest = desk.request(ROBOT);
    let also_wrong: [(&str, &str); 6] = [
        ("state", "x"),
        ("scope", "no:such"),
        ("response_type", "token"),
        ("response_mode", "fragment"),
        ("prompt", "none"),
        ("request", "a.b.c"),
    ];
    for (name, value) in also_wrong {
        let request = honest.clone().with(name, value);
        assert_eq!(desk.page(&request.clone().with("client_id", "nobody")), Rule::ClientUnknown);
        assert_eq!(desk.page(&request.clone().with("redirect_uri", MALLORY_CB)), Rule::RedirectUriUnregistered);
        assert_eq!(desk.page(&request.clone().and("redirect_uri", ROBOT_CB)), Rule::ParameterRepeated);
        assert_eq!(desk.page(&request.clone().with("redirect_uri", "")), Rule::ParameterEmpty);
        assert_eq!(desk.page(&request.clone().without("client_id")), Rule::ParameterMissing);
        assert_eq!(desk.page(&request.without("redirect_uri").with("scope", "openid")), Rule::ParameterMissing);
    }
    for rule in [Rule::ClientUnknown, Rule::RedirectUriUnregistered] {
        assert_eq!(rule.signal(), Some(Signal::RedirectUriRejected));
    }
    assert!(desk.check(&honest).is_ok());
}

#[test]
fn no_other_parameter_is_a_target() {
    let mut desk = Desk::open();
    let mut request = desk.request(ROBOT);
    for name in ["return_to", "RelayState", "post_logout_redirect_uri", "next", "url", "redirect_url"] {
        request = request.and(name, "https://evil.example");
    }
    assert_eq!(fields(&desk.allow(&request)).0, ROBOT_CB);
}

#[test]
fn one_of_several_must_be_named_and_a_client_without_any_has_no_business_here() {
    let mut desk = Desk::open();
    desk.clients.add(&with(
        web("two"),
        "redirect_uris",
        serde_json::json!(["https://two.example/a", "https://two.example/b"]),
    ));
    let request = desk.request("two").without("redirect_uri").with("scope", "mail:read");
    assert_eq!(desk.page(&request), Rule::ParameterMissing);
    assert_eq!(desk.page(&desk.request(ROBOT).with("client_id", BATCH)), Rule::RedirectUriNone);
}
