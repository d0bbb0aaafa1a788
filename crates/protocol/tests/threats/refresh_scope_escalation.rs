//! A refresh asks for more than the person granted.

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

fn ask(token: &Tokens, name: &str, value: &str) -> Form {
    Desk::refreshing(token.refresh()).with(name, value)
}

#[test]
fn more_scope_is_refused_and_the_token_not_spent() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    for scope in ["mail:read mail:send", "mail:send", "profile", "no:such", "MAIL:READ"] {
        let refused = desk.token(ROBOT, ask(&tokens, "scope", scope));
        assert_eq!(denied(refused), (Rule::RefreshScopeEscalation, Consequence::Nothing), "{scope}");
    }
    assert_eq!(Rule::RefreshScopeEscalation.signal(), Some(Signal::RefreshScopeEscalation));
    assert!(desk.token(ROBOT, Desk::refreshing(tokens.refresh())).is_ok());
}

#[test]
fn less_scope_is_given_and_does_not_shrink_the_grant() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read mail:send");
    let tokens = desk.connect_by(&request);
    let less = desk.token(ROBOT, ask(&tokens, "scope", "mail:read")).expect("less");
    assert_eq!(less.scope(), "mail:read");
    assert!(less.0.get("id_token").is_none(), "without openid no ID token");
    let whole = desk.token(ROBOT, Desk::refreshing(less.refresh())).expect("the grant is as it was");
    assert_eq!(whole.scope(), "openid mail:read mail:send");
    assert!(whole.0.get("id_token").is_some());
}

#[test]
fn another_resource_is_refused() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    for resource in [CALENDAR, "https://unknown.example", "https://mail.example/"] {
        let refused = desk.token(ROBOT, ask(&tokens, "resource", resource));
        assert_eq!(denied(refused), (Rule::ResourceNotAllowed, Consequence::Nothing), "{resource}");
    }
    let named = desk.request(ROBOT).with("resource", MAIL);
    let limited = desk.connect_by(&named);
    let refused = desk.token(ROBOT, ask(&limited, "resource", CALENDAR));
    assert_eq!(denied(refused), (Rule::RefreshResourceEscalation, Consequence::Nothing), "the request named its limit");
    let named = desk.token(ROBOT, ask(&tokens, "resource", MAIL)).expect("granted by its scope");
    assert_eq!(named.access_claims(MAIL, NOW).aud.sole(), Some(MAIL));
}

#[test]
fn what_the_operator_takes_from_the_client_a_refresh_does_not_bring_back() {
    let mut desk = Desk::open();
    let request = desk.request(APP).with("scope", "openid mail:read mail:send");
    let tokens = desk.connect_by(&request);
    desk.clients.add(&with(native(APP), "scope", "mail:read"));
    let less = desk.token(APP, Desk::refreshing(tokens.refresh())).expect("what is left");
    assert_eq!(less.scope(), "mail:read");
    assert!(less.0.get("id_token").is_none());
    assert_eq!(denied(desk.token(APP, ask(&less, "scope", "mail:send"))).0, Rule::RefreshScopeEscalation);
}

#[test]
fn a_resource_that_the_client_may_no_longer_target_is_refused() {
    let mut desk = Desk::open();
    let tokens = desk.connect(APP);
    desk.clients.add(&with(with(native(APP), "resources", serde_json::json!([CALENDAR])), "scope", "openid cal:read"));
    desk.ledger.grants.values_mut().for_each(|grant| grant.resources = vec![MAIL.to_owned()]);
    assert_eq!(denied(desk.token(APP, Desk::refreshing(tokens.refresh()))).0, Rule::ResourceNotAllowed);
}
