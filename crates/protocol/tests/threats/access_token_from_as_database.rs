//! Mallory reads the table of access tokens.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn an_opaque_token_is_stored_as_a_hash_and_a_jwt_not_at_all() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "cal:read");
    let tokens = desk.connect_by(&request);
    let row = desk.ledger.accesses.values().next().expect("one token").clone();
    let secret = tokens.access().rsplit('.').next().expect("a handle");
    assert_eq!(row.hash.0, jose::sha256(secret.as_bytes()));
    let forged = format!("sc_at.{}.{}", row.id, data_encoding::BASE64URL_NOPAD.encode(&row.hash.0));
    assert_eq!(desk.live(&forged).err(), Some(Rule::TokenUnknown));
    assert!(desk.live(tokens.access()).is_ok());

    let mut desk = Desk::open();
    desk.connect(ROBOT);
    assert!(desk.ledger.accesses.is_empty());
}
