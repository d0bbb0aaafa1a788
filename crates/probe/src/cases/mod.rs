//! Cases that are code, by group of the ledger.

mod authorization_endpoint;
mod browser;

use crate::case::Case;

/// All of them.
#[must_use]
pub fn all() -> Vec<Case> {
    [authorization_endpoint::all(), browser::all()].into_iter().flatten().collect()
}
