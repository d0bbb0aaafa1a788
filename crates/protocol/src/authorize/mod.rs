//! The authorization endpoint, stop by stop (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2).
//!
//! `parse` → `bind` → `check` → `decide` → `approve` → `mint` → (the ledger commits) → `respond`. Each stop takes the value of
//! the one before it and gives its own; none is `Clone`, so nothing is used twice and nothing is skipped.

mod approve;
mod bind;
mod check;
mod decide;
mod embedded;
mod parse;
mod respond;

pub use approve::{Approval, AuthenticatedUser, CodePlan, Consent};
pub use bind::{BoundAuthorizationRequest, RedirectRejection, TrustedRejection};
pub use check::{CheckedAuthorizationRequest, HintKeys, Prompt};
pub use decide::{NextStep, Why};
pub use parse::{PageRejection, UnverifiedAuthorizationRequest};
pub use respond::{denial, refusal, success};
