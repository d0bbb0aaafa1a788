//! What a resource server decides about one API call. Pure: keys, answers of the authorization server and time are arguments.
//!
//! 1. [`BearerToken::from_request`] finds the token: in the `Authorization` header, once, or nowhere.
//! 2. [`TokenRule`] says what makes a token good here. [`TokenRule::check_jwt`] or [`TokenRule::check_introspection`] turns the
//!    token into an [`Access`]; nothing else makes one.
//! 3. [`Requirement`] says what a route demands; [`Requirement::check`] compares.
//! 4. Each [`Refusal`] knows its HTTP status, its `WWW-Authenticate` header and the ledger's signal.

mod access;
mod bearer;
mod refusal;
mod requirement;
mod rule;
#[cfg(test)]
mod tests;

pub use access::{Access, ClientPrincipal, Principal, UserPrincipal};
pub use bearer::BearerToken;
pub use refusal::Refusal;
pub use requirement::Requirement;
pub use rule::{RuleError, TokenRule};
