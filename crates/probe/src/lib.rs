//! The probe: attacks an authorization server from outside and says what it resists.
//!
//! It shares no code with any server, so that its judgement is its own. A case is one variant of an attack on one threat of
//! the ledger; it first shows that the honest variant works, then attacks.

pub mod exchange;
pub mod ledger;
pub mod verdict;
