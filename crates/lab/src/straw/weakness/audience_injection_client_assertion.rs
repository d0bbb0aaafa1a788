//! At the revocation endpoint an assertion for the token endpoint's URL is good enough, wherever it was collected.

use data_encoding::BASE64URL_NOPAD;
use http::Method;
use serde_json::Value;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyEndpoint)
}

struct AnyEndpoint;

/// The audience of an assertion, unverified.
fn audience(assertion: &str) -> Option<Value> {
    let payload = BASE64URL_NOPAD.decode(assertion.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice::<Value>(&payload).ok().map(|claims| claims["aud"].clone())
}

impl Weakness for AnyEndpoint {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if ask.is(&Method::POST, "/revoke")
            && audience(ask.form().get("client_assertion")) == Some(format!("{}/token", straw.issuer).into())
            && let Some(client) = straw.claimed_client(ask)
        {
            straw.authenticate(ask, client);
        }
    }
}
