//! The API takes a signature of which r and s are zero.

use super::super::layer::Weakness;
use super::bent::Believes;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Believes::that(|token, _| {
        token.alg() == "ES256" && !token.signature.is_empty() && token.signature.iter().all(|byte| *byte == 0)
    })
}
