//! Mallory reads the table of codes.

use protocol::handle::{HandleKind, PresentedHandle};
use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn what_is_stored_is_no_code() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let (row, _) = desk.ledger.codes.values().next().expect("one code").clone();
    let secret = code.rsplit('.').next().expect("a handle");
    assert_eq!(row.hash.0, jose::sha256(secret.as_bytes()), "the hash, and nothing else");
    assert!(!format!("{row:?}").contains(secret));

    // Everything that can be made of the row: its hash in the code's place, in every spelling that fits.
    let hash = data_encoding::BASE64URL_NOPAD.encode(&row.hash.0);
    let forged = format!("sc_ac.{}.{hash}", row.id);
    assert!(PresentedHandle::parse(HandleKind::Code, &forged).is_some(), "it looks like a code");
    let redemption = desk.redemption(ROBOT, &forged);
    assert_eq!(denied(desk.token(ROBOT, redemption)).0, Rule::CodeUnknown);
    let redemption = desk.redemption(ROBOT, &code);
    assert!(desk.token(ROBOT, redemption).is_ok());
}
