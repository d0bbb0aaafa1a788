//! Mallory posts guesses for refresh tokens.

use protocol::handle::{HandleKind, NewHandle};
use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn a_guess_changes_nothing_and_reads_like_any_other_failure() {
    let mut desk = Desk::open();
    let tokens = desk.connect(APP);
    let id = *desk.ledger.refreshes.keys().next().expect("one token");
    let near = NewHandle::mint(HandleKind::RefreshToken, id, &[0; 32]);
    let far = NewHandle::mint(HandleKind::RefreshToken, protocol::handle::Id(5), &[0; 32]);
    let code_like = tokens.refresh().replacen("sc_rt.", "sc_ac.", 1);
    for guess in [near.value().expose().as_str(), far.value().expose(), &code_like, "guess"] {
        let refused = desk.token(APP, Desk::refreshing(guess));
        assert_eq!(denied(refused), (Rule::RefreshUnknown, Consequence::Nothing), "{guess}");
    }
    assert_eq!(Rule::RefreshUnknown.signal(), Some(Signal::RefreshUnknownBurst));
    assert!(desk.token(APP, Desk::refreshing(tokens.refresh())).is_ok());
}
