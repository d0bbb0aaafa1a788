//! The demo cast: a mailbox API and a careful mail robot, each a plain axum router on its own origin.
//!
//! * [`mailbox::router`] is a protected API with two scopes, guarded by the resource-server kit.
//! * [`robot::router`] is a web client that connects to it, built on the client kit. It shows every step of the flow.
//!
//! Neither reads a clock or draws random numbers by itself: both get a [`Surroundings`].
//!
//! Behind the feature `straw`: an authorization server that is weak on purpose, and the self-test that holds the probe to it.
//! Behind `scenes`: the careless and the malicious robot, and the attacks that are played with them.

#[cfg(feature = "scenes")]
pub mod careless;
pub mod mailbox;
#[cfg(feature = "scenes")]
pub mod malicious;
mod mask;
#[cfg(feature = "scenes")]
pub mod public_client;
pub mod robot;
#[cfg(feature = "scenes")]
pub mod scenes;
#[cfg(feature = "straw")]
pub mod self_test;
#[cfg(feature = "scenes")]
pub mod show;
#[cfg(feature = "straw")]
pub mod straw;
mod wire;

use std::fmt;

pub use client::Surroundings;
pub use jose::{Seconds, Secret, UnixTime};
pub use wire::{Answering, Wire};

/// A configuration that the cast cannot run with. The text names the field and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    fn new(field: &str, reason: impl fmt::Display) -> Self {
        Self(format!("{field}: {reason}"))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// Checks that this is an origin as browsers write it: scheme, host, port if not the default, nothing else.
fn check_origin(field: &str, origin: &str) -> Result<(), ConfigError> {
    let written = url::Url::parse(origin).map(|url| url.origin().ascii_serialization());
    if written.as_deref() == Ok(origin) {
        Ok(())
    } else {
        Err(ConfigError::new(field, "must be an origin such as http://127.0.0.1:8081, without path or trailing slash"))
    }
}
