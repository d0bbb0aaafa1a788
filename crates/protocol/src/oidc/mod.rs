//! OpenID Connect: what is said about a person, to whom, and why.

pub mod claims;

/// The one level of sign-in that exists: a password (`acr`).
pub const ACR_PASSWORD: &str = "urn:safeconduct:acr:password";

/// `amr` of a password sign-in (RFC 8176).
pub const AMR_PASSWORD: &str = "pwd";
