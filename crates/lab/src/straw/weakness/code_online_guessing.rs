//! Codes count up.

use super::super::exchange::Answer;
use super::super::layer::Weakness;
use super::counted::Counted;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Counted::new(Answer::code, &["code"]))
}
