//! A code is looked at first and marked later: whoever comes in between gets tokens, too.

use super::super::layer::Weakness;
use super::crowd::Crowd;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Crowd::of("authorization_code", "code"))
}
