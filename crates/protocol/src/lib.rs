#![doc = "Every decision of every OAuth 2.x and OpenID Connect role, pure: no I/O, no clock, no randomness."]
#![doc = ""]
#![doc = "Time, randomness and keys come in as arguments; what is decided goes out as plans for the store's ledger."]

pub mod authorize;
pub mod client_auth;
pub mod grants;
pub mod handle;
pub mod inspect;
pub mod oidc;
pub mod policy;
pub mod proofs;
pub mod record;
pub mod redirect_uri;
pub mod registration;
pub mod relying;
pub mod resource;
pub mod rules;
pub mod scope;
pub mod signal;
pub mod threat;
pub mod token;
pub mod wire;

pub use jose::{Seconds, Secret, UnixTime};
