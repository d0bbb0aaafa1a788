//! The client credentials grant, used by a client that nobody authenticated or that was not registered for it.

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Spend;

use crate::cast::*;

fn ask() -> Form {
    Form::of(&[("grant_type", "client_credentials")])
}

#[test]
fn only_an_authenticated_client_that_is_registered_for_it() {
    let mut desk = Desk::open();
    assert_eq!(denied(desk.token(APP, ask())).0, Rule::GrantTypeNotAllowed);
    assert_eq!(denied(desk.token(MALLORY, ask())).0, Rule::GrantTypeNotAllowed);
    assert_eq!(denied(desk.token_raw(None, &ask().and("client_id", BATCH).bytes())).0, Rule::ClientAuthMissing);
    assert_eq!(Rule::GrantTypeNotAllowed.signal(), Some(Signal::GrantNotAllowed));
    for public in [native("p"), with(web("p"), "token_endpoint_auth_method", "none")] {
        let metadata = with(public, "grant_types", serde_json::json!(["authorization_code", "client_credentials"]));
        assert_eq!(refused(&metadata).0, "grant_types");
    }

    let tokens = desk.token(BATCH, ask()).expect("registered");
    assert_eq!(tokens.scope(), "mail:read mail:send");
    assert!(tokens.0.get("refresh_token").is_none() && tokens.0.get("id_token").is_none());
}

#[test]
fn no_more_scope_than_registered_and_no_other_api() {
    let mut desk = Desk::open();
    for scope in ["cal:read", "mail:read cal:read", "no:such"] {
        assert_eq!(denied(desk.token(BATCH, ask().with("scope", scope))).0, Rule::ScopeNotAllowed, "{scope}");
    }
    assert_eq!(denied(desk.token(BATCH, ask().with("resource", CALENDAR))).0, Rule::ResourceNotAllowed);
    assert_eq!(desk.token(BATCH, ask().with("scope", "mail:read")).expect("less").scope(), "mail:read");
}

#[test]
fn nothing_is_spent_and_a_jwt_is_not_stored() {
    let mut desk = Desk::open();
    let plan = desk.plan(BATCH, ask()).expect("registered");
    assert_eq!(plan.spend, Spend::Nothing);
    assert!(plan.access.stored().is_none() && plan.refresh.is_none() && plan.grant.is_none());
}
