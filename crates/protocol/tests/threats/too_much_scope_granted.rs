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
    assert_eq!(
        desk.sent_back(&request.clone().without("scope")),
        Rule::ScopeMissing,
        "there is no default that is all"
    );
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
fn access_while_away_that_was_unticked_is_not_given() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid offline_access mail:read");
    let answer = desk.allow_only(&request, ScopeSet::parse("openid mail:read").expect("scope"));
    let redemption = desk.redemption(ROBOT, &field(&answer, "code"));
    let tokens = desk.token(ROBOT, redemption).expect("allowed");
    assert_eq!(tokens.0.get("refresh_token"), None);
    // Remembered, it would let the same request without offline_access pass unseen, and with a refresh token.
    assert!(desk.ledger.consents.is_empty());

    let mut desk = Desk::open();
    let tokens = desk.connect_by(&request);
    assert!(tokens.0.get("refresh_token").is_some(), "ticked");
    assert_eq!(desk.ledger.consents.len(), 1);
}

#[test]
fn a_claim_is_no_way_around_the_scopes_that_a_client_is_registered_for() {
    let mut desk = Desk::open();
    desk.clients.add(&with(web("narrow"), "scope", "openid profile mail:read"));
    let claims = r#"{"id_token":{"email":null,"acr":null},"userinfo":{"email":{"essential":true},"name":null}}"#;
    for (client, seen) in [("narrow", &["name"][..]), (ROBOT, &["email", "name"][..])] {
        let request = desk.request(client).with("claims", claims);
        assert_eq!(desk.check(&request).expect("honest").claims().names(), seen, "{client}");
        let tokens = desk.connect_by(&request);
        let told = seen.contains(&"email");
        assert_eq!(tokens.id_claims(client, NOW).extra.contains_key("email"), told);
        let userinfo = desk.live(tokens.access()).expect("live").userinfo(&desk.policy).expect("openid");
        assert_eq!(userinfo.contains_key("email"), told, "{userinfo:?}");
        assert!(userinfo.contains_key("name"));
    }
}

#[test]
fn a_scope_that_does_not_exist_is_not_registrable() {
    assert_eq!(refused(&with(web("w"), "scope", "mail:read admin")).0, "scope");
    assert_eq!(refused(&with(web("w"), "resources", serde_json::json!(["https://unknown.example"]))).0, "resources");
    let introspects = serde_json::json!({ "grant_types": [], "introspect_resources": ["https://unknown.example"] });
    assert_eq!(refused(&introspects).0, "introspect_resources");
}
