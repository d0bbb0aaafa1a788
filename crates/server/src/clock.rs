//! The only place that reads the clock.
//!
//! Everything else takes the time as an argument, so a test can stand anywhere in time. Two readings leave here:
//! seconds for the protocol ([`UnixTime`]) and milliseconds for ids and delays ([`UnixMillis`]).

use jose::UnixTime;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z, for ids and for delays shorter than a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// The same moment in whole seconds, rounded down.
    #[must_use]
    pub fn to_unix_time(self) -> UnixTime {
        UnixTime(i64::try_from(self.0 / 1000).unwrap_or(i64::MAX))
    }

    /// Milliseconds since `earlier`; zero when `earlier` lies ahead, as after a clock was set back.
    #[must_use]
    pub fn since(self, earlier: UnixMillis) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment plus `millis`, at most the end of time.
    #[must_use]
    pub fn plus(self, millis: u64) -> UnixMillis {
        UnixMillis(self.0.saturating_add(millis))
    }
}

impl From<UnixTime> for UnixMillis {
    fn from(time: UnixTime) -> Self {
        UnixMillis(u64::try_from(time.0).unwrap_or(0).saturating_mul(1000))
    }
}

/// Where the time comes from. A wrong answer makes expired codes and tokens valid again, so production has one
/// implementation, [`SystemClock`].
pub trait Clock: Send + Sync + 'static {
    /// Now, in milliseconds.
    fn now_millis(&self) -> UnixMillis;

    /// Now, in seconds.
    fn now(&self) -> UnixTime {
        self.now_millis().to_unix_time()
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // this file is the one place the ban points to
    fn now_millis(&self) -> UnixMillis {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A clock that stands where it was put and moves only when told. For tests and for tools that replay a moment.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::atomic::AtomicU64);

impl ManualClock {
    /// A clock that stands at `time`.
    #[must_use]
    pub fn at(time: UnixTime) -> Self {
        Self(UnixMillis::from(time).0.into())
    }

    /// Moves the clock ahead by `millis`.
    pub fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, std::sync::atomic::Ordering::Relaxed);
    }

    /// Puts the clock at `now`, also backwards.
    pub fn set(&self, now: UnixMillis) {
        self.0.store(now.0, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now_millis(&self) -> UnixMillis {
        UnixMillis(self.0.load(std::sync::atomic::Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_milliseconds_tell_the_same_moment() {
        let clock = ManualClock::at(UnixTime(1_800_000_000));
        clock.advance(1_999);
        assert_eq!(clock.now(), UnixTime(1_800_000_001));
        assert_eq!(clock.now_millis().since(UnixMillis(1_800_000_000_000)), 1_999);
        assert_eq!(UnixMillis(5).since(UnixMillis(9)), 0);
        assert!(SystemClock.now() > UnixTime(1_767_225_600), "after 2026-01-01");
    }
}
