//! A token is asked for where it should not be good, or for everywhere at once.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn only_resources_of_this_server_and_of_this_client() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    for resource in
        ["https://unknown.example", "https://mail.example/", "https://MAIL.example", "mail", "https://mail.example#x"]
    {
        assert_eq!(desk.sent_back(&request.clone().with("resource", resource)), Rule::ResourceUnknown, "{resource}");
    }
    assert_eq!(Rule::ResourceUnknown.signal(), Some(Signal::ScopeNotAllowed));
    let narrow = with(with(web("narrow"), "resources", serde_json::json!([MAIL])), "scope", "openid mail:read");
    desk.clients.add(&narrow);
    let request = desk.request("narrow");
    assert_eq!(desk.sent_back(&request.clone().with("resource", CALENDAR)), Rule::ResourceNotAllowed);
    assert!(desk.check(&request.with("resource", MAIL)).is_ok());
}

#[test]
fn leaving_resource_out_opens_nothing_that_naming_it_would_not() {
    // Registered for a scope of an API that it may not target: that is refused where it is written down …
    let torn = with(with(web("torn"), "resources", serde_json::json!([MAIL])), "scope", "mail:read cal:read");
    assert_eq!(refused(&torn).0, "scope");
    // … and where the server's configuration changed afterwards, the token is.
    let mut desk = Desk::open();
    let scope = desk.policy.resources[1].scopes.remove(0);
    desk.policy.resources[0].scopes.push(scope);
    desk.clients.add(&serde_json::json!({
        "client_id": "moved", "grant_types": ["client_credentials"], "resources": [MAIL], "scope": "mail:read",
    }));
    let scope = desk.policy.resources[0].scopes.remove(0);
    assert_eq!(scope.value, "mail:read");
    desk.policy.resources[1].scopes.push(scope);
    let body = Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")]);
    assert_eq!(denied(desk.token("moved", body)).0, Rule::ResourceNotAllowed);
}

#[test]
fn a_token_is_for_one_api() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read cal:read");
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code);
    assert_eq!(denied(desk.token(ROBOT, redemption.clone())).0, Rule::ResourceAmbiguous);
    let both = redemption.clone().and("resource", MAIL).and("resource", CALENDAR);
    assert_eq!(denied(desk.token(ROBOT, both)).0, Rule::ResourceAmbiguous);

    let mail = desk.token(ROBOT, redemption.and("resource", MAIL)).expect("one of the two");
    assert_eq!(mail.scope(), "mail:read", "what the mail API understands");
    assert_eq!(mail.access_claims(MAIL, NOW).aud.sole(), Some(MAIL));
    let calendar = desk.token(ROBOT, Desk::refreshing(mail.refresh()).and("resource", CALENDAR)).expect("the other");
    assert_eq!(calendar.scope(), "cal:read");
    assert_eq!(desk.live(calendar.access()).expect("live").token().audience, [CALENDAR]);
}

#[test]
fn what_the_request_named_is_the_limit() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read cal:read").with("resource", MAIL);
    let tokens = desk.connect_by(&request);
    assert_eq!(tokens.scope(), "mail:read");
    let other = desk.token(ROBOT, Desk::refreshing(tokens.refresh()).and("resource", CALENDAR));
    assert_eq!(denied(other).0, Rule::RefreshResourceEscalation);
    let userinfo = desk.token(ROBOT, Desk::refreshing(tokens.refresh()).and("resource", ISSUER));
    assert_eq!(denied(userinfo).0, Rule::RefreshResourceEscalation);
}

#[test]
fn userinfo_may_stand_beside_one_api() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let claims = tokens.access_claims(MAIL, NOW);
    assert!(claims.aud.contains(MAIL) && claims.aud.contains(ISSUER));
    assert_eq!(claims.scope, "openid mail:read");
}
