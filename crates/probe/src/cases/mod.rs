//! Cases that are code, by group of the ledger.

use crate::case::Case;

/// All of them.
#[must_use]
pub fn all() -> Vec<Case> {
    Vec::new()
}
