//! Cases that are code, by group of the ledger.

mod attestation;
mod device_flow;
mod implicit;
mod native_app;
mod oidc;
mod password_grant;
mod registration;
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
        attestation::cases(),
        device_flow::cases(),
        implicit::cases(),
        native_app::cases(),
        oidc::cases(),
        password_grant::cases(),
        registration::cases(),
        authorization_code::all(),
        client::all(),
        client_credentials::all(),
        refresh::all(),
    ];
    groups.into_iter().flatten().collect()
}
