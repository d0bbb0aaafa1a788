//! A client's own token is read by an API as if a person stood behind it.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn no_client_is_named_like_a_person() {
    for id in ["u_ada", "u_", "u_0123456789"] {
        assert_eq!(refused(&with(web("w"), "client_id", id)).0, "client_id", "{id}");
    }
}

#[test]
fn a_clients_token_speaks_for_the_client_and_of_no_sign_in() {
    let mut desk = Desk::open();
    let tokens = desk.token(BATCH, Form::of(&[("grant_type", "client_credentials")])).expect("registered");
    let claims = tokens.access_claims(MAIL, NOW);
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), (BATCH, BATCH));
    assert!(claims.auth_time.is_none() && claims.acr.is_none() && claims.amr.is_empty());

    let persons = desk.connect(ROBOT).access_claims(MAIL, NOW);
    assert_eq!(persons.sub, ADA);
    assert!(persons.auth_time.is_some() && persons.acr.is_some());
}

#[test]
fn scopes_that_speak_of_a_person_need_one() {
    let mut desk = Desk::open();
    for scope in ["openid", "profile", "mail:read email", "offline_access"] {
        let body = Form::of(&[("grant_type", "client_credentials"), ("scope", scope)]);
        assert_eq!(denied(desk.token(ROBOT, body)).0, Rule::ScopeOfAPerson, "{scope}");
    }
    // Left out, they are not among those that are meant.
    let body = Form::of(&[("grant_type", "client_credentials"), ("resource", MAIL)]);
    let tokens = desk.token(ROBOT, body).expect("registered");
    assert_eq!(tokens.scope(), "mail:read mail:send");
    let metadata = with(web("mixed"), "grant_types", serde_json::json!(["authorization_code", "client_credentials"]));
    desk.clients.add(&with(metadata, "scope", "openid profile mail:read"));
    let mixed = desk.token("mixed", Form::of(&[("grant_type", "client_credentials")])).expect("registered");
    assert_eq!(mixed.scope(), "mail:read");
    assert_eq!(mixed.access_claims(MAIL, NOW).aud.sole(), Some(MAIL), "and not for userinfo");
    assert_eq!(
        desk.live(tokens.access()).expect("live").userinfo(&desk.policy).err().map(|r| r.rule()),
        Some(Rule::TokenAudience)
    );
}
