//! Cases that are code, by group of the ledger.

mod asked;
mod attestation;
mod authorization_code;
mod authorization_endpoint;
mod browser;
mod client;
mod client_credentials;
mod device_flow;
mod dos;
mod entropy;
mod honest;
mod implicit;
mod jose;
mod native_app;
mod oidc;
mod operations;
mod password_grant;
mod refresh;
mod register;
mod registration;
mod resource_access;
mod token_endpoint;
mod transport;

use crate::case::Case;

/// All of them.
#[must_use]
pub fn all() -> Vec<Case> {
    let groups = [
        attestation::cases(),
        authorization_code::all(),
        authorization_endpoint::all(),
        browser::all(),
        client::all(),
        client_credentials::all(),
        device_flow::cases(),
        dos::cases(),
        implicit::cases(),
        jose::cases(),
        native_app::cases(),
        oidc::cases(),
        operations::cases(),
        password_grant::cases(),
        refresh::all(),
        registration::cases(),
        resource_access::cases(),
        token_endpoint::cases(),
        transport::cases(),
    ];
    groups.into_iter().flatten().collect()
}
