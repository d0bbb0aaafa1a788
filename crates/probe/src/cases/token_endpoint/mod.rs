//! Attacks on the token endpoint that a case file cannot say.

mod caching;
mod guessing;
mod query;

pub(super) use caching::is_offered;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    [caching::cases(), guessing::cases(), query::cases()].into_iter().flatten().collect()
}
