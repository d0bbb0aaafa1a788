//! The probe: attacks an authorization server from outside and says what it resists.
//!
//! It shares no code with any server, so that its judgement is its own. A case is one variant of an attack on one threat of
//! the ledger; it first shows that the honest variant works, then attacks.

pub mod case;
pub mod cases;
pub mod cli;
pub mod control;
pub mod cx;
pub mod discover;
pub mod exchange;
pub mod features;
pub mod flow;
pub mod forge;
pub mod http;
pub mod ledger;
pub mod mask;
pub mod params;
pub mod person;
pub mod report;
pub mod run;
pub mod target;
pub mod verdict;
