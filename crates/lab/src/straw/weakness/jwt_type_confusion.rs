//! The API takes an ID token for an access token: both are signed by the issuer.

use super::super::layer::Weakness;
use super::bent::Believes;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Believes::that(|token, genuine| {
        let signed_alike = token.header["kid"] == genuine.header["kid"] && token.header["alg"] == genuine.header["alg"];
        signed_alike && token.header["typ"] == "JWT" && token.claims.get("nonce").is_some()
    })
}
