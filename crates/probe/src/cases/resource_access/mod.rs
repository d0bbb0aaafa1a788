//! Attacks at the places where access tokens are used.

mod audience;
mod caching;
mod dpop;
mod guessing;
mod injection;
mod place;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    [audience::cases(), caching::cases(), dpop::cases(), guessing::cases(), injection::cases(), place::cases()]
        .into_iter()
        .flatten()
        .collect()
}
