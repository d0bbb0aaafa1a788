//! A refresh token is looked at first and replaced later: whoever comes in between gets a branch of its own.

use super::super::layer::Weakness;
use super::crowd::Crowd;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Crowd::of("refresh_token", "refresh_token"))
}
