//! Mallory copies the table of clients.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn a_stored_client_holds_no_secret() {
    let mut desk = Desk::open();
    let secret = desk.clients.secrets[ROBOT].clone();
    let client = &desk.clients.by_id[ROBOT];
    let stored = serde_json::to_string(&client.to_stored()).expect("JSON");
    let part = secret.rsplit('.').next().expect("a handle");
    assert!(!stored.contains(part) && !format!("{client:?}").contains(part));

    let record = &client.secrets()[0];
    let forged = format!("sc_cs.{}.{}", record.id, data_encoding::BASE64URL_NOPAD.encode(&record.hash.0));
    let body = Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")]).bytes();
    assert_eq!(denied(desk.token_raw(Some(&basic(ROBOT, &forged)), &body)).0, Rule::ClientSecretWrong);
    assert!(desk.token_raw(Some(&basic(ROBOT, &secret)), &body).is_ok());
}

#[test]
fn a_stored_client_reads_back_as_it_was() {
    let desk = Desk::open();
    for client in desk.clients.by_id.values() {
        let stored = serde_json::to_string(&client.to_stored()).expect("JSON");
        let back = protocol::registration::RegisteredClient::from_stored(serde_json::from_str(&stored).expect("JSON"))
            .expect("still allowed");
        assert_eq!(serde_json::to_string(&back.to_stored()).expect("JSON"), stored);
    }
}
