//! JWS, JWK and JWT by purpose: a token is decoded only by verifying it.
//!
//! - [`SigningKey::sign`] takes typed claims ([`AccessToken`], [`IdToken`], [`ClientAssertion`]) and
//!   writes the `typ` that belongs to them.
//! - [`verify`] takes a token, a [`JwkSet`] and an [`Expectation`], and gives [`Verified`] claims of one
//!   kind. There is no other way to the claims.
//! - [`ClaimedClient`] reads from an unverified assertion whose keys to fetch, and nothing more.
//!
//! Keys have one algorithm, all algorithms are asymmetric, and a header never brings a key. All
//! cryptography is AWS-LC. There is no input or output here and no clock; randomness is drawn inside
//! AWS-LC only, for new keys and for signatures.
//!
//! ```
//! use jose::{Algorithm, Audience, ClientAssertion, Expectation, ExpectedAudience, JwkSet, Seconds, SigningKey, UnixTime};
//!
//! # fn main() -> Result<(), jose::JoseError> {
//! let now = UnixTime(1_900_000_000);
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let token = key.sign(&ClientAssertion {
//!     iss: "robot".to_owned(),
//!     sub: "robot".to_owned(),
//!     aud: Audience::one("https://as.example"),
//!     exp: now + Seconds(60),
//!     iat: Some(now),
//!     nbf: None,
//!     jti: "once-only".to_owned(),
//! })?;
//!
//! let keys = JwkSet::from_keys([key.public_jwk().clone()])?;
//! let expect = Expectation::new("robot", ExpectedAudience::SoleString(&["https://as.example"]), &[Algorithm::Es256], now)
//!     .max_lifetime(Seconds(300));
//! let verified = jose::verify::<ClientAssertion>(&token, &keys, &expect)?;
//! assert_eq!(verified.claims().jti, "once-only");
//! # Ok(())
//! # }
//! ```

mod algorithm;
mod base;
mod claims;
mod compact;
mod error;
mod hash;
mod jwk;
mod jwk_set;
mod numbers;
mod private_jwk;
mod purpose;
mod signing_key;
mod strict;
#[cfg(test)]
mod vectors;
mod verify;

pub use algorithm::Algorithm;
pub use base::{Seconds, Secret, UnixTime};
pub use claims::{AccessToken, ClientAssertion, IdToken};
pub use error::JoseError;
pub use hash::{at_hash, c_hash, constant_time_eq, sha256};
pub use jwk::Jwk;
pub use jwk_set::JwkSet;
pub use purpose::{Audience, Purpose, Registered};
pub use signing_key::SigningKey;
pub use verify::{ClaimedClient, Expectation, ExpectedAudience, Verified, verify};
