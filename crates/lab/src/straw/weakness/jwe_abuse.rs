//! The API takes what is encrypted to the key of the server for proven.

use super::super::layer::Weakness;
use super::bent::Believes;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Believes::that(|token, _| token.parts == 5 && token.alg() == "ECDH-ES" && token.header.get("kid").is_some())
}
