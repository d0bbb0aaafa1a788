//! Attacks on JSON Web Tokens, wherever the target reads one that somebody else could have made.

mod access_token;
mod assertion;
mod confusion;
mod encrypted;
mod hint;
mod keys;
mod trap;

pub(super) use assertion::Signer;
pub(super) use keys::findings as key_set_findings;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    [access_token::cases(), assertion::cases(), confusion::cases(), encrypted::cases(), hint::cases(), keys::cases()]
        .into_iter()
        .flatten()
        .collect()
}
