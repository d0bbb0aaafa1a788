//! Time and randomness, handed in so that a test can set them.

use std::{fmt, sync::Arc};

use jose::UnixTime;
use protocol::relying::{Moment, StartRandom};

type Clock = dyn Fn() -> UnixTime + Send + Sync;
type Entropy = dyn Fn(&mut [u8]) + Send + Sync;

/// The clock and the random number generator of a client.
#[derive(Clone)]
pub struct Surroundings {
    clock: Arc<Clock>,
    entropy: Arc<Entropy>,
}

impl Surroundings {
    /// `clock` answers the current time in seconds since the epoch; `entropy` fills the slice with bytes nobody can predict.
    ///
    /// A predictable `entropy` lets an attacker guess `state`, session cookies and PKCE verifiers; a clock that stands still
    /// keeps expired tokens alive.
    pub fn new(
        clock: impl Fn() -> UnixTime + Send + Sync + 'static,
        entropy: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { clock: Arc::new(clock), entropy: Arc::new(entropy) }
    }

    /// The clock and the generator of the operating system.
    #[cfg(feature = "system")]
    #[cfg_attr(docsrs, doc(cfg(feature = "system")))]
    pub fn system() -> Self {
        Self::new(system_time, system_random)
    }

    /// The current time.
    pub fn now(&self) -> UnixTime {
        (self.clock)()
    }

    /// Fresh random bytes.
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Fills the slice with fresh random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        (self.entropy)(bytes);
    }

    pub(crate) fn start_random(&self) -> StartRandom {
        StartRandom(self.draw())
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment { now: self.now(), random: self.draw() }
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}

// The one place of the kit that reads a clock, and only where the caller asked for it.
#[cfg(feature = "system")]
#[expect(clippy::disallowed_methods, reason = "this is the clock that callers of the feature ask for")]
fn system_time() -> UnixTime {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |span| span.as_secs());
    UnixTime(i64::try_from(since).unwrap_or(i64::MAX))
}

#[cfg(feature = "system")]
fn system_random(bytes: &mut [u8]) {
    if aws_lc_rs::rand::fill(bytes).is_err() {
        // Without randomness every later step is unsafe, and there is nothing to answer instead. AWS-LC itself aborts
        // before it gets here.
        std::process::abort();
    }
}
