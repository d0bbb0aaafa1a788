//! Cases that are code, by group of the ledger.

mod attestation;
mod device_flow;
mod implicit;
mod native_app;
mod oidc;
mod password_grant;
mod registration;

use crate::case::Case;

/// All of them.
#[must_use]
pub fn all() -> Vec<Case> {
    let groups = [
        attestation::cases(),
        device_flow::cases(),
        implicit::cases(),
        native_app::cases(),
        oidc::cases(),
        password_grant::cases(),
        registration::cases(),
    ];
    groups.into_iter().flatten().collect()
}
