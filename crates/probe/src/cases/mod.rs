//! Cases that are code, by group of the ledger.

mod dos;
mod honest;
mod jose;
mod operations;
mod resource_access;
mod token_endpoint;
mod transport;

use crate::case::Case;

/// All of them.
#[must_use]
pub fn all() -> Vec<Case> {
    [
        dos::cases(),
        jose::cases(),
        operations::cases(),
        resource_access::cases(),
        token_endpoint::cases(),
        transport::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
