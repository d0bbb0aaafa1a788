#![doc = include_str!("../README.md")]

mod accounts;
mod error;
mod ledger;
mod memory;
mod sql;
mod write;

pub use error::{NotCommitted, StoreError};
pub use ledger::Ledger;
pub use sql::{CommitObserver, SqliteOptions};
pub use write::{Caps, GrantFilter};
