//! The API checks a token with the key that the token itself brings.

use super::super::layer::Weakness;
use super::bent::Believes;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Believes::that(|token, _| token.header.get("jwk").is_some())
}
