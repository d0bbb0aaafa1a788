//! What the edge notices and others must know: security events of the ledger, before any endpoint is reached.

use super::metrics::Metrics;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Reports of one signal passed on per second; the rest is counted only. A flood of forged headers must not become a
/// flood of stored events.
const PER_SECOND: u64 = 20;

/// The signals of the ledger that the edge can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Headers about the way of a request came from someone who is no trusted proxy.
    ForwardedHeaderRejected,
    /// A request for health or metrics under a strange host name.
    ManagementAccessRefused,
    /// A request crossed a network unencrypted.
    PlaintextRequest,
    /// Headers or a body over the limit.
    RequestTooLarge,
}

impl Signal {
    /// The ledger's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Signal::ForwardedHeaderRejected => "forwarded-header-rejected",
            Signal::ManagementAccessRefused => "management-access-refused",
            Signal::PlaintextRequest => "plaintext-request",
            Signal::RequestTooLarge => "request-too-large",
        }
    }
}

/// One observation.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// What was seen.
    pub signal: Signal,
    /// The client it came from, as far as known.
    pub address: IpAddr,
    /// What exactly, in fixed words: nothing that was received.
    pub detail: &'static str,
}

/// Takes what the edge notices. Called on the request's way, so it must not block: queue it.
pub trait SignalSink: Send + Sync + 'static {
    /// Takes one observation.
    fn report(&self, sighting: Sighting);
}

/// Writes each observation to the log, for parts that run without a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSink;

impl SignalSink for LogSink {
    fn report(&self, sighting: Sighting) {
        tracing::warn!(
            signal = sighting.signal.as_str(),
            address = %sighting.address,
            detail = sighting.detail,
            "security event"
        );
    }
}

/// A sink with a bound per signal and second.
pub(super) struct Reporter {
    sink: Arc<dyn SignalSink>,
    metrics: Arc<Metrics>,
    start: Instant,
    /// Per signal: second since `start` in the upper half, count in the lower.
    windows: [AtomicU64; 4],
}

impl Reporter {
    pub(super) fn new(sink: Arc<dyn SignalSink>, metrics: Arc<Metrics>) -> Self {
        Self { sink, metrics, start: Instant::now(), windows: Default::default() }
    }

    pub(super) fn report(&self, sighting: Sighting) {
        self.metrics.event(sighting.signal.as_str());
        if self.admit(sighting.signal, self.start.elapsed().as_secs()) {
            self.sink.report(sighting);
        }
    }

    fn admit(&self, signal: Signal, second: u64) -> bool {
        let window = &self.windows[signal as usize];
        let before = window.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |cell| {
            Some(if cell >> 32 == second { cell.saturating_add(1) } else { second << 32 | 1 })
        });
        // The closure always answers `Some`, so this is the cell before in either case.
        let (Ok(cell) | Err(cell)) = before;
        // defends: dos-expensive-input
        cell >> 32 != second || (cell & 0xffff_ffff) < PER_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_expensive_input_a_flood_of_reports_is_cut_per_second() {
        let reporter = Reporter::new(Arc::new(LogSink), Arc::new(Metrics::new("")));
        let passed = |second| (0..1_000).filter(|_| reporter.admit(Signal::PlaintextRequest, second)).count();
        assert_eq!(passed(7), 20);
        assert_eq!(passed(8), 20);
        assert!(reporter.admit(Signal::RequestTooLarge, 8), "signals have budgets of their own");
    }
}
