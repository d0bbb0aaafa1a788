//! Cases that are code, by group of the ledger.

mod asked;
mod authorization_code;
mod client;
mod client_credentials;
mod entropy;
mod refresh;
mod register;

use crate::case::Case;

/// All of them.
#[must_use]
pub fn all() -> Vec<Case> {
    let groups = [
        authorization_code::all(),
        client::all(),
        client_credentials::all(),
        refresh::all(),
    ];
    groups.into_iter().flatten().collect()
}
