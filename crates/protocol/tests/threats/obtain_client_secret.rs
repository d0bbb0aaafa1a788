//! A secret is found in an app.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn an_app_gets_no_secret() {
    for method in ["client_secret_basic", "client_secret_post"] {
        let metadata = with(native("n"), "token_endpoint_auth_method", method);
        assert_eq!(refused(&metadata).0, "token_endpoint_auth_method");
        assert!(register(&with(web("w"), "token_endpoint_auth_method", method)).is_ok());
    }
    assert!(register(&native("n")).expect("public").is_public());
}

#[test]
fn a_secret_sent_for_a_public_client_counts_for_nothing() {
    let mut desk = Desk::open();
    let request = desk.request(APP);
    let code = desk.code(&request);
    let redemption = desk.redemption(APP, &code);
    let invented = redemption.clone().and("client_id", APP).and("client_secret", "invented");
    assert_eq!(denied(desk.token_raw(None, &invented.bytes())).0, Rule::ClientAuthMethodMismatch);
    assert!(desk.token(APP, redemption).is_ok());
}

#[test]
fn a_confidential_clients_name_alone_counts_for_nothing() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code).and("client_id", ROBOT);
    assert_eq!(denied(desk.token_raw(None, &redemption.bytes())).0, Rule::ClientAuthMissing);
}
