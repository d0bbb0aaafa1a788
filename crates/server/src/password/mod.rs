//! Passwords: who is meant, whether a new one is good enough, and hashing that cannot be used to stall the server.

mod policy;
mod pool;
mod username;

pub use policy::{Policy, Weakness};
pub use pool::{Busy, Hasher, Outcome, Pool, StoredHash};
pub use username::{Username, UsernameError};
