//! How the server is run: proxies in front of it, what errors tell, keys, and doors that should not be there.

mod errors;
mod forwarded;
mod injection;
mod keys;
mod management;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    [errors::cases(), forwarded::cases(), injection::cases(), keys::cases(), management::cases()]
        .into_iter()
        .flatten()
        .collect()
}
