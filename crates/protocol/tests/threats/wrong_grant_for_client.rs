//! A client, or somebody under its name, uses a grant that it is not made for.

use protocol::rules::Rule;
use protocol::signal::Signal;
use serde_json::json;

use crate::cast::*;

#[test]
fn only_known_grant_types_exist() {
    let mut desk = Desk::open();
    for kind in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "Authorization_Code",
        "authorization_code ",
    ] {
        let body = Form::of(&[("grant_type", kind), ("username", "ada"), ("password", "x")]);
        assert_eq!(denied(desk.token(ROBOT, body)).0, Rule::GrantTypeUnsupported, "{kind}");
    }
    assert_eq!(denied(desk.token(ROBOT, Form::default())).0, Rule::ParameterMissing);
    assert_eq!(Rule::GrantTypeUnsupported.signal(), Some(Signal::GrantNotAllowed));
}

#[test]
fn only_registered_grant_types_are_open() {
    let mut desk = Desk::open();
    let robots = desk.connect(ROBOT);
    let code = {
        let request = desk.request(ROBOT);
        desk.code(&request)
    };
    let redemption = desk.redemption(ROBOT, &code);
    assert_eq!(denied(desk.token(BATCH, redemption)).0, Rule::GrantTypeNotAllowed);
    assert_eq!(denied(desk.token(BATCH, Desk::refreshing(robots.refresh()))).0, Rule::GrantTypeNotAllowed);
    assert_eq!(denied(desk.token(APP, Form::of(&[("grant_type", "client_credentials")]))).0, Rule::GrantTypeNotAllowed);
}

#[test]
fn the_authorization_endpoint_is_for_clients_of_the_code_grant() {
    // Only the server's own registration can make such a client; here the grant is taken away behind its back.
    let mut desk = Desk::open();
    let mut stored = serde_json::to_value(desk.clients.by_id[ROBOT].to_stored()).expect("JSON");
    stored["metadata"]["grant_types"] = json!(["client_credentials"]);
    stored["metadata"]["response_types"] = json!([]);
    let stored = serde_json::from_value(stored).expect("a stored client");
    let error = protocol::registration::RegisteredClient::from_stored(stored)
        .expect_err("redirect_uris go with the code grant");
    assert_eq!(error.member(), "redirect_uris");
    assert_eq!(desk.page(&desk.request(ROBOT).with("client_id", BATCH)), Rule::RedirectUriNone);
    assert!(desk.token(BATCH, Form::of(&[("grant_type", "client_credentials")])).is_ok());
}

#[test]
fn registration_knows_no_implicit_and_no_password() {
    for grant in ["implicit", "password"] {
        let metadata = with(web("w"), "grant_types", json!([grant]));
        assert!(serde_json::from_value::<protocol::registration::ClientMetadata>(metadata).is_err(), "{grant}");
    }
    for types in [json!(["token"]), json!(["code", "id_token"]), json!([])] {
        assert_eq!(refused(&with(web("w"), "response_types", types)).0, "response_types");
    }
}
