//! Floods, locks and costly requests. Bounded in number, and from an address of their own where the target is on loopback,
//! so that no other case pays for them.

mod expensive;
mod floods;
mod lockout;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    [expensive::cases(), floods::cases(), lockout::cases()].into_iter().flatten().collect()
}
