//! Mallory makes up a code that says by itself whom it is for.

use protocol::handle::{HandleKind, Id, NewHandle};
use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn a_code_says_nothing_and_counts_only_if_it_is_stored() {
    let mut desk = Desk::open();
    let forged = NewHandle::mint(HandleKind::Code, Id(424_242), &[1; 32]);
    let claims = assertion(mallorys_key(), &assertion_claims(ROBOT, "forged"));
    for code in [forged.value().expose().as_str(), &claims, "eyJhbGciOiJub25lIn0.e30."] {
        let redemption = desk.redemption(ROBOT, code);
        assert_eq!(denied(desk.token(ROBOT, redemption)).0, Rule::CodeUnknown, "{code}");
    }
}
