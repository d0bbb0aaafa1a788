//! The operational edge: connections, addresses, limits, health, metrics and logs.
//!
//! A request passes [`Listener`], is given a [`Peer`], and reaches the application with a bounded body and a bounded
//! time. Nothing here knows OAuth.

pub mod admin;
pub mod logging;

mod address;
mod body;
mod connection;
mod host;
mod listener;
mod metrics;
mod request;
mod signal;
mod throttle;
mod tls;
mod wire;

pub use address::{AddressKey, Forwarded, Peer, Provenance, Proxies, Transport, Unacceptable};
pub use admin::{Part, Readiness, router as admin_router};
pub use body::{BodyError, BoundedBody};
pub use host::Hosts;
pub use listener::{Ended, ListenError, Listener, Options};
pub use metrics::{ConnectionRefused, Held, Metrics};
pub use request::App;
pub use signal::{LogSink, Sighting, Signal, SignalSink};
pub use throttle::{Acquainted, Admission, Because, Burst, KnownBrowser, Source, Throttle, Ticket};
pub use tls::TlsError;

#[cfg(test)]
mod tests;
