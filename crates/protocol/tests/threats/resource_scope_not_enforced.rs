//! A token is used for what its scope does not hold.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn userinfo_wants_openid_and_tells_what_the_scopes_stand_for() {
    let mut desk = Desk::open();
    let policy = desk.policy.clone();
    let mut told = |scope: &str, claims: Option<&str>| {
        let request = desk.request(ROBOT).with("scope", scope);
        let request = claims.map_or(request.clone(), |claims| request.clone().with("claims", claims));
        let tokens = desk.connect_by(&request);
        let claims = desk.live(tokens.access()).expect("live").userinfo(&policy).map_err(|refusal| refusal.rule())?;
        Ok(claims.keys().cloned().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(told("openid", None), Ok("sub".to_owned()));
    assert_eq!(told("openid email", None), Ok("email email_verified sub".to_owned()));
    assert_eq!(told("openid profile", None), Ok("name sub".to_owned()));
    assert_eq!(told("openid", Some(r#"{"userinfo":{"name":null}}"#)), Ok("name sub".to_owned()));
    assert_eq!(told("openid", Some(r#"{"id_token":{"name":null}}"#)), Ok("sub".to_owned()));
    assert_eq!(told("profile email", None), Err(Rule::OpenidScopeNeeded));
    assert_eq!(Rule::OpenidScopeNeeded.signal(), Some(Signal::InsufficientScopeBurst));
}

#[test]
fn a_scope_that_the_audience_does_not_know_is_not_in_the_token() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid profile mail:read").with("resource", MAIL);
    let claims = desk.connect_by(&request).access_claims(MAIL, NOW);
    assert_eq!(claims.scope, "mail:read");
}
