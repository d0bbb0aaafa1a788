//! The demo cast: a mailbox API and a careful mail robot, each a plain axum router on its own origin.
//!
//! * [`mailbox::router`] is a protected API with two scopes, guarded by the resource-server kit.
//! * [`robot::router`] is a web client that connects to it, built on the client kit. It shows every step of the flow.
//!
//! Neither reads a clock or draws random numbers by itself: both get a [`Surroundings`].

pub mod mailbox;
pub mod robot;

use std::{fmt, sync::Arc};

pub use jose::{Secret, UnixTime};

/// The time and the randomness that the cast may use. Both are arguments, so that a test can set them.
#[derive(Clone)]
pub struct Surroundings {
    clock: Arc<dyn Fn() -> UnixTime + Send + Sync>,
    entropy: Arc<dyn Fn(&mut [u8]) + Send + Sync>,
}

impl Surroundings {
    /// `clock` answers the current time in seconds since the epoch; `entropy` fills the slice with bytes nobody can predict.
    ///
    /// A predictable `entropy` lets an attacker guess session cookies, `state` and PKCE verifiers; a clock that stands still
    /// keeps expired tokens alive.
    pub fn new(
        clock: impl Fn() -> UnixTime + Send + Sync + 'static,
        entropy: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { clock: Arc::new(clock), entropy: Arc::new(entropy) }
    }

    /// The current time.
    pub fn now(&self) -> UnixTime {
        (self.clock)()
    }

    /// Fresh random bytes.
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}

/// A configuration that the cast cannot run with. The text names the field and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub(crate) String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}
