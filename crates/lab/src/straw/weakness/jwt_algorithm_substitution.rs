//! The API takes a token whose header says that there is no signature.

use super::super::layer::Weakness;
use super::bent::Believes;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Believes::that(|token, _| token.alg().eq_ignore_ascii_case("none") && token.signature.is_empty())
}
