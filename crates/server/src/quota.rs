//! Small memories with a bound: how much an address may leave waiting, and which challenges were seen.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use protocol::{Seconds, UnixTime};

/// How many entries a memory holds before it forgets all that is over, and then refuses to learn.
const ENTRIES: usize = 65_536;

/// So many things per key (an address, a client at an address) and window.
pub struct Quota<K> {
    most: u32,
    window: Seconds,
    counts: Mutex<Counts<K>>,
}

struct Counts<K> {
    /// Since when, and how many.
    of: HashMap<K, (UnixTime, u32)>,
    /// When what is over was last forgotten.
    swept: UnixTime,
}

impl<K: Eq + Hash> Quota<K> {
    /// `most` things in each `window`.
    pub fn new(most: u32, window: Seconds) -> Quota<K> {
        Quota { most, window, counts: Mutex::new(Counts { of: HashMap::new(), swept: UnixTime::default() }) }
    }

    /// Counts one more thing of `key`; false once it has had its share. Full of fresh keys it refuses newcomers: forgetting
    /// would give everybody a new share.
    pub fn admit(&self, key: K, now: UnixTime) -> bool {
        // A panic elsewhere leaves counts, not invariants, behind.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.of.len() >= ENTRIES && !counts.of.contains_key(&key) {
            // Once a second at most: a crowd of fresh keys must not have every request look at all of them.
            // defends: dos-expensive-input
            if counts.swept != now {
                counts.swept = now;
                counts.of.retain(|_, (start, _)| now.saturating_since(*start) < self.window);
            }
            if counts.of.len() >= ENTRIES {
                return false;
            }
        }
        let (start, count) = counts.of.entry(key).or_insert((now, 0));
        if now.saturating_since(*start) >= self.window {
            (*start, *count) = (now, 0);
        }
        *count += 1;
        *count <= self.most
    }
}

/// Challenges that were used lately, by client: a second use is a sign of a bad client or of a planted request.
///
/// What comes in goes to the young half; when that is full it becomes the old one, and the old one goes. So no request ever
/// looks at more than its own entry, however many there are.  defends: dos-expensive-input
#[derive(Default)]
pub struct Challenges {
    halves: Mutex<(Seen, Seen)>,
}

type Seen = HashMap<[u8; 32], UnixTime>;

impl Challenges {
    /// How long a challenge is remembered: a transaction and its code. Less under more load than [`ENTRIES`] in that time.
    const MEMORY: Seconds = Seconds(1800);

    /// Notes a challenge for which a code is about to be issued; tells whether one was before.
    pub fn seen_before(&self, client_id: &str, challenge: &str, now: UnixTime) -> bool {
        let key = jose::sha256(format!("{client_id}\n{challenge}").as_bytes());
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let (young, old) = &mut *halves;
        if young.len() >= ENTRIES / 2 {
            *old = std::mem::take(young);
        }
        let last = young.insert(key, now).or(old.get(&key).copied());
        last.is_some_and(|at| now.saturating_since(at) < Self::MEMORY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::AddressKey;

    #[test]
    fn dos_token_exhaustion_an_address_has_a_share_and_others_have_theirs() {
        let quota = Quota::new(3, Seconds(60));
        let at = |address: &str| AddressKey::from(address.parse::<std::net::IpAddr>().expect("an address"));
        let now = UnixTime(1_900_000_000);
        assert!((0..3).all(|_| quota.admit(at("192.0.2.1"), now)));
        assert!(!quota.admit(at("192.0.2.1"), now + Seconds(59)));
        assert!(quota.admit(at("192.0.2.2"), now));
        assert!(quota.admit(at("192.0.2.1"), now + Seconds(60)));
    }

    #[test]
    fn dos_expensive_input_a_full_memory_refuses_newcomers_only_and_is_swept_once_a_second() {
        let quota = Quota::new(2, Seconds(60));
        let now = UnixTime(1_900_000_000);
        assert!((0..ENTRIES).all(|key| quota.admit(key, now)));
        assert!(!quota.admit(ENTRIES, now), "full of fresh ones");
        assert!(quota.admit(0, now), "whoever is known has the rest of his share");
        assert!(!quota.admit(0, now));
        let later = now + Seconds(60);
        quota.counts.lock().expect("no panic").swept = later;
        assert!(!quota.admit(ENTRIES, later), "looked through in this second already");
        assert!(quota.admit(ENTRIES, later + Seconds(1)));
        assert_eq!(quota.counts.lock().expect("no panic").of.len(), 1);
    }

    #[test]
    fn pkce_weak_or_reused_challenge_is_noticed_per_client_and_forgotten() {
        let challenges = Challenges::default();
        let now = UnixTime(1_900_000_000);
        assert!(!challenges.seen_before("a", "x", now));
        assert!(!challenges.seen_before("b", "x", now));
        assert!(challenges.seen_before("a", "x", now + Seconds(10)));
        assert!(!challenges.seen_before("a", "x", now + Seconds(4000)));
    }

    #[test]
    fn dos_expensive_input_a_flood_of_challenges_is_bounded_and_the_latest_are_remembered() {
        let challenges = Challenges::default();
        let now = UnixTime(1_900_000_000);
        let challenge = |number: u32| number.to_string();
        assert!((0..100_000).all(|number| !challenges.seen_before("a", &challenge(number), now)));
        assert!((70_000..100_000).all(|number| challenges.seen_before("a", &challenge(number), now)));
        let halves = challenges.halves.lock().expect("no panic");
        assert!(halves.0.len() + halves.1.len() <= ENTRIES);
    }
}
