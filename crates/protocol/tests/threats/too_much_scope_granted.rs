//! A client asks for every scope that it can name.

use protocol::rules::Rule;
use protocol::scope::ScopeSet;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn no_scope_but_the_clients_own() {
    let mut desk = Desk::open();
    desk.clients.add(&with(web("reader"), "scope", "openid mail:read"));
    let request = desk.request("reader");
    assert_eq!(desk.sent_back(&request.clone().with("scope", "openid mail:read mail:send")), Rule::ScopeNotAllowed);
    assert_eq!(desk.sent_back(&request.clone().with("scope", "profile")), Rule::ScopeNotAllowed);
    assert_eq!(desk.sent_back(&request.clone().with("scope", "openid admin")), Rule::ScopeUnknown);
    assert_eq!(desk.sent_back(&request.clone().with("scope", "openid MAIL:READ")), Rule::ScopeUnknown);
    assert_eq!(desk.sent_back(&request.clone().without("scope")), Rule::ScopeMissing, "there is no default that is all");
    assert_eq!(desk.sent_back(&request.clone().with("scope", "")), Rule::ScopeMissing);
    for rule in [Rule::ScopeNotAllowed, Rule::ScopeUnknown] {
        assert_eq!(rule.signal(), Some(Signal::ScopeNotAllowed));
    }
    assert!(desk.check(&request).is_ok());
}

#[test]
fn the_person_may_narrow_and_the_answer_says_so() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read mail:send");
    let answer = desk.allow_only(&request, ScopeSet::parse("mail:read").expect("scope"));
    let redemption = desk.redemption(ROBOT, &field(&answer, "code"));
    let tokens = desk.token(ROBOT, redemption).expect("allowed");
    assert_eq!(tokens.scope(), "openid mail:read", "openid says that this is a sign-in at all");
    assert_eq!(tokens.access_claims(MAIL, NOW).scope, "openid mail:read");
    assert_eq!(desk.grant().scope.as_str(), "openid mail:read");
}

#[test]
fn a_scope_that_does_not_exist_is_not_registrable() {
    assert_eq!(refused(&with(web("w"), "scope", "mail:read admin")).0, "scope");
    assert_eq!(refused(&with(web("w"), "resources", serde_json::json!(["https://unknown.example"]))).0, "resources");
    let introspects = serde_json::json!({ "grant_types": [], "introspect_resources": ["https://unknown.example"] });
    assert_eq!(refused(&introspects).0, "introspect_resources");
}
