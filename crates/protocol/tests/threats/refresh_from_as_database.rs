//! Mallory reads the table of refresh tokens; public clients have no secret besides.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn the_row_is_no_token() {
    let mut desk = Desk::open();
    let tokens = desk.connect(APP);
    let (row, _) = desk.ledger.refreshes.values().next().expect("one token").clone();
    let secret = tokens.refresh().rsplit('.').next().expect("a handle").to_owned();
    assert_eq!(row.hash.0, jose::sha256(secret.as_bytes()));
    let forged = format!("sc_rt.{}.{}", row.id, data_encoding::BASE64URL_NOPAD.encode(&row.hash.0));
    assert_eq!(denied(desk.token(APP, Desk::refreshing(&forged))).0, Rule::RefreshUnknown);
    assert!(desk.token(APP, Desk::refreshing(tokens.refresh())).is_ok());
}
