//! Every decision of every OAuth 2.x and OpenID Connect role, pure: no I/O, no clock, no randomness.

pub mod relying;
pub mod resource;
