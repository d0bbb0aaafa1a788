#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod holder;
#[cfg(feature = "hyper")]
mod hyper_transport;
mod kit;
#[cfg(feature = "loopback")]
mod loopback;
mod surroundings;
mod transport;

pub use error::ClientError;
pub use holder::TokenHolder;
#[cfg(feature = "hyper")]
pub use hyper_transport::HyperTransport;
pub use kit::Client;
#[cfg(feature = "loopback")]
pub use loopback::{LoopbackError, LoopbackListener};
pub use surroundings::Surroundings;
pub use transport::{Transport, TransportError};

pub use jose::{Seconds, Secret, SigningKey, UnixTime};
pub use protocol::relying::{
    self, AuthorizationStart, CallbackError, ClientAuthentication, ClientIdentity, Identity, PendingAuthorization,
    RefreshToken, ServerMetadata, TokenSet, UserInfo,
};
