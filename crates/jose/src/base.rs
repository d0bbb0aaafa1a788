//! Time, spans and secrets as the whole workspace writes them.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A moment, in whole seconds since 1970-01-01T00:00:00Z, without leap seconds (a `NumericDate` of
/// RFC 7519 section 2 that has no fraction).
///
/// This crate never reads a clock: every moment is handed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub i64);

/// A span, in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl UnixTime {
    /// The span from `earlier` to `self`; zero when `earlier` is in fact later, and the longest span
    /// when it does not fit.
    #[must_use]
    pub fn saturating_since(self, earlier: UnixTime) -> Seconds {
        let span = self.0.saturating_sub(earlier.0).max(0);
        Seconds(u32::try_from(span).unwrap_or(u32::MAX))
    }
}

impl Add<Seconds> for UnixTime {
    type Output = UnixTime;

    /// Saturates at the end of time instead of wrapping: a wrapped expiry would lie in the past or,
    /// worse, a wrapped "not before" would already be over.
    fn add(self, span: Seconds) -> UnixTime {
        UnixTime(self.0.saturating_add(i64::from(span.0)))
    }
}

impl Sub<Seconds> for UnixTime {
    type Output = UnixTime;

    fn sub(self, span: Seconds) -> UnixTime {
        UnixTime(self.0.saturating_sub(i64::from(span.0)))
    }
}

/// A value that must not be printed. It has no `Display`, its `Debug` says `[redacted]`, it cannot be
/// serialised, and its memory is overwritten when it is dropped.
///
/// It is not comparable either: compare what [`Secret::expose`] gives with [`crate::constant_time_eq`].
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value into custody. Copies the caller made before are the caller's business.
    pub const fn new(value: T) -> Self {
        Secret(value)
    }

    /// Reads the value. Each call is a place where the secret can leak; keep it a short search.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Secret(value)
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
