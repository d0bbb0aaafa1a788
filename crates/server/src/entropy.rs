//! Randomness and ids, drawn in one place.
//!
//! A handle is `prefix.id.secret`: the secret is 256 random bits, the id is a row key that rises with time, so that
//! rows written together lie together on disk. The id is no secret and proves nothing.

use crate::clock::UnixMillis;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jose::Secret;
use std::sync::atomic::{AtomicU64, Ordering};

/// 2026-01-01T00:00:00Z in milliseconds: where ids start counting. 41 bits of milliseconds last until 2095.
const EPOCH_MILLIS: u64 = 1_767_225_600_000;
const NODE_BITS: u32 = 10;
const SEQUENCE_BITS: u32 = 12;
const SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1;
const TICK_MASK: u64 = (1 << 41) - 1;

/// The system's random source could not be read. Nothing may be issued then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random source failed")]
pub struct EntropyFailed;

/// The number of this server among servers that share a store, 0 to 1023. Two servers with one number can make the
/// same id; the store then refuses the second insert.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Node(u16);

impl Node {
    /// `None` when `number` does not fit 10 bits.
    #[must_use]
    pub fn new(number: u16) -> Option<Self> {
        (number < 1 << NODE_BITS).then_some(Self(number))
    }
}

/// Draws secrets and ids. One per process; share it by reference.
#[derive(Debug)]
pub struct Entropy {
    random: SystemRandom,
    node: u64,
    /// `milliseconds << 12 | sequence` of the id handed out last.
    last: AtomicU64,
}

impl Entropy {
    /// A source for server number `node`.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { random: SystemRandom::new(), node: u64::from(node.0), last: AtomicU64::new(0) }
    }

    /// 256 random bits, for a code, a token or a client secret.
    ///
    /// # Errors
    /// When the system's random source fails.
    pub fn secret(&self) -> Result<Secret<[u8; 32]>, EntropyFailed> {
        self.bytes::<32>().map(Secret::new)
    }

    /// `N` random bytes that are not secret by themselves: salts, nonces of pages, form tokens.
    ///
    /// # Errors
    /// When the system's random source fails.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], EntropyFailed> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).map_err(|_| EntropyFailed)?;
        Ok(bytes)
    }

    /// The next id: 41 bits of milliseconds since 2026, 10 bits of node, 12 bits of sequence; 63 bits in all, so it
    /// fits a signed 64-bit column. Each id is larger than every id this value gave before, whatever the clock does:
    /// when a millisecond is used up or the clock was set back, the next one is borrowed.
    pub fn next_id(&self, now: UnixMillis) -> u64 {
        let tick = now.0.saturating_sub(EPOCH_MILLIS) & TICK_MASK;
        let fresh = tick << SEQUENCE_BITS;
        // Relaxed is enough: the order of the ids is the order of this one cell; no other memory hangs on it.
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let next = fresh.max(last + 1);
            match self.last.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return self.assemble(next),
                Err(seen) => last = seen,
            }
        }
    }

    /// Makes every later id larger than `id`, which a store may hold from an earlier run whose clock was ahead.
    pub fn resume_after(&self, id: u64) {
        let tick = id >> (NODE_BITS + SEQUENCE_BITS) & TICK_MASK;
        let whole = (tick << SEQUENCE_BITS) | SEQUENCE_MASK;
        self.last.fetch_max(whole, Ordering::Relaxed);
    }

    fn assemble(&self, cell: u64) -> u64 {
        let tick = cell >> SEQUENCE_BITS & TICK_MASK;
        (tick << (NODE_BITS + SEQUENCE_BITS)) | (self.node << SEQUENCE_BITS) | (cell & SEQUENCE_MASK)
    }
}

/// When an id of [`Entropy::next_id`] was made, to the millisecond (later by what was borrowed).
#[must_use]
pub fn made_at(id: u64) -> UnixMillis {
    UnixMillis((id >> (NODE_BITS + SEQUENCE_BITS)) + EPOCH_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    #[test]
    fn ids_rise_and_never_repeat_when_the_clock_steps_back() {
        let entropy = Entropy::new(Node::default());
        let mut last = 0;
        for step in 0..20_000_u64 {
            let now = UnixMillis(NOW.0 - (step % 7) * 1_000);
            let id = entropy.next_id(now);
            assert!(id > last, "an id went back or repeated");
            last = id;
        }
    }

    #[test]
    fn a_used_up_millisecond_borrows_from_the_next() {
        let entropy = Entropy::new(Node::default());
        let ids: Vec<u64> = (0..5_000).map(|_| entropy.next_id(NOW)).collect();
        assert_eq!(made_at(ids[0]), NOW);
        assert_eq!(made_at(ids[4_095]), NOW);
        assert_eq!(made_at(ids[4_096]), NOW.plus(1));
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn threads_share_one_sequence() {
        let entropy = Entropy::new(Node::new(3).expect("3 fits"));
        let ids: Vec<u64> = std::thread::scope(|scope| {
            let draws: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..5_000).map(|_| entropy.next_id(NOW)).collect::<Vec<_>>())).collect();
            draws.into_iter().flat_map(|draw| draw.join().expect("no panic")).collect()
        });
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 20_000);
        assert!(ids.iter().all(|id| id >> 12 & 0x3ff == 3 && *id < 1 << 63));
    }

    #[test]
    fn resuming_passes_what_the_store_holds() {
        let entropy = Entropy::new(Node::default());
        let ahead = Entropy::new(Node::default()).next_id(NOW.plus(60_000));
        entropy.resume_after(ahead);
        assert!(entropy.next_id(NOW) > ahead);
    }

    #[test]
    fn a_node_needs_ten_bits() {
        assert!(Node::new(1023).is_some());
        assert!(Node::new(1024).is_none());
    }

    #[test]
    fn client_secret_guessing_secrets_hold_256_bits_and_differ() {
        let entropy = Entropy::new(Node::default());
        let one = entropy.secret().expect("random source");
        let two = entropy.secret().expect("random source");
        assert_eq!(one.expose().len(), 32);
        assert_ne!(one.expose(), two.expose());
        assert_eq!(format!("{one:?}"), "[redacted]");
    }
}
