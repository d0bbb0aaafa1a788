//! The token forge: makes every token that a library refuses to make.
//!
//! Nothing here knows what is right. A [`Draft`] takes any header and any payload, and ends as a token by whichever
//! signature is asked for: genuine, by a foreign key, by a public key used as a secret, empty, zero or none at all.
//! [`bent`] holds the known families of attack as lists of named tokens, [`proofs`] the two proofs that an honest client
//! makes (client assertion, DPoP proof) as drafts that can be bent further, [`jwe`] the encrypted shapes.
//! [`verify()`] is for controls: to say that a token was good before it was bent.

pub mod bent;
mod der;
mod draft;
pub mod jwe;
mod keys;
pub mod proofs;
mod public;
mod verify;

pub use draft::{Decoded, Draft, decode, encode, random_text};
pub use keys::{ForgeError, KeyKind, SigningKey, hmac};
pub use public::PublicKey;
pub use verify::{VerifyError, made_with, verify};

#[cfg(test)]
mod tests;
