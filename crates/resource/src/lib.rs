#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod extract;
mod fetch;
mod guard;
mod keys;
#[cfg(feature = "tower")]
mod layer;
mod rejection;

#[cfg(feature = "axum")]
pub use extract::{ClientCaller, NotGuarded, UserCaller};
pub use fetch::{Fetch, FetchError};
pub use guard::{Guard, TokenCheck};
#[cfg(feature = "tower")]
pub use layer::{Protect, ProtectService};
pub use rejection::Rejection;

pub use jose::{Seconds, Secret, UnixTime};
pub use protocol::relying::{ClientAuthentication, ClientIdentity};
pub use protocol::resource::{
    Access, BearerToken, ClientPrincipal, Principal, Refusal, Requirement, RuleError, TokenRule, UserPrincipal,
};
pub use protocol::signal::Signal;
