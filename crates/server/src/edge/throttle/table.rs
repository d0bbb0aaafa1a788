//! A fixed number of failure counts, each with its delay and its forgetting.
//!
//! The table consists of eight-way sets, in which the entry that is nearest to being forgotten makes room. Keys are hashes
//! with a random key of the process, so nobody can aim at a set.

use super::Burst;
use crate::clock::UnixMillis;
use jose::Seconds;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Allowance, delay and forgetting of one table; times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) free: f32,
    pub(super) first: u64,
    pub(super) longest: u64,
    /// The time in which one failure is forgotten.
    pub(super) forget: u64,
}

impl Rule {
    /// Nothing is delayed and nothing is forgotten.
    pub(super) const KEEP: Rule = Rule { free: f32::MAX, first: 0, longest: 0, forget: u64::MAX };

    /// The delay after `count` failures.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0..=40
    pub(super) fn delay(&self, count: f32) -> u64 {
        let over = count.round() - self.free;
        if over < 0.0 {
            return 0;
        }
        // The allowance is used up: the next try waits, twice as long for each further failure.
        self.first.saturating_mul(1 << over.min(40.0) as u32).min(self.longest)
    }

    /// More than this is not counted: the delay cannot grow any more, and what is over would only make the way back longer.
    fn ceiling(&self) -> f32 {
        #[allow(clippy::cast_precision_loss)] // a ratio of spans
        let doublings = (self.longest as f32 / self.first.max(1) as f32).max(1.0).log2();
        self.free + doublings + 1.0
    }

    pub(super) fn burst(&self, count: f32) -> Burst {
        if count.round() > self.free { Burst::Yes } else { Burst::No }
    }
}

/// Failures under one key; a key of zero is a free entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    key: u64,
    /// When it was last counted, or first asked for.
    pub(super) at: UnixMillis,
    count: f32,
}

impl Entry {
    fn count_at(&self, now: UnixMillis, rule: &Rule) -> f32 {
        #[allow(clippy::cast_precision_loss)] // a few digits are enough
        let forgotten = now.since(self.at) as f32 / rule.forget as f32;
        (self.count - forgotten).max(0.0)
    }

    /// What is left of `delay` since the last failure; `None` when it is over.
    pub(super) fn left_of(&self, delay: u64, now: UnixMillis) -> Option<Seconds> {
        let left = delay.checked_sub(now.since(self.at))?;
        (left > 0).then(|| Seconds(u32::try_from(left.div_ceil(1000)).unwrap_or(u32::MAX)))
    }
}

/// Entries of a set.
const WAYS: usize = 8;
/// Parts of a table that are locked apart.
const SHARDS: usize = 16;

type Set = [Entry; WAYS];

/// A fixed number of entries.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) rule: Rule,
    pub(super) shards: Vec<Mutex<Vec<Set>>>,
    /// When anything was last counted.
    last: AtomicU64,
}

impl Table {
    pub(super) fn new(entries: usize, rule: Rule) -> Self {
        let sets = entries.div_ceil(WAYS * SHARDS).next_power_of_two();
        let shards = (0..SHARDS).map(|_| Mutex::new(vec![Set::default(); sets])).collect();
        Self { rule, shards, last: AtomicU64::new(0) }
    }

    /// Whether everything ever counted is forgotten by now.
    pub(super) fn is_calm(&self, now: UnixMillis) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // about a thousand at most
        let steps = self.rule.ceiling().ceil() as u64;
        last == 0 || now.since(UnixMillis(last)) > self.rule.forget.saturating_mul(steps)
    }

    pub(super) fn lock(&self, key: u64) -> Locked<'_> {
        let shard = &self.shards[(key >> 60) as usize % SHARDS];
        // A panic cannot leave an entry half written.
        Locked { sets: shard.lock().unwrap_or_else(PoisonError::into_inner), table: self }
    }
}

pub(super) struct Locked<'a> {
    sets: MutexGuard<'a, Vec<Set>>,
    table: &'a Table,
}

impl Locked<'_> {
    fn set(&self, key: u64) -> usize {
        // The lowest bit is always one, the highest four choose the shard; the number of sets is a power of two.
        (key >> 1) as usize & (self.sets.len() - 1)
    }

    pub(super) fn read(&self, key: u64) -> Option<Entry> {
        self.sets[self.set(key)].iter().find(|entry| entry.key == key).copied()
    }

    /// The delay that the failures under `key` ask for, whenever they were.
    pub(super) fn delay(&self, key: u64, now: UnixMillis) -> u64 {
        let rule = &self.table.rule;
        self.read(key).map_or(0, |entry| rule.delay(entry.count_at(now, rule)))
    }

    /// What is left of that delay.
    pub(super) fn wait(&self, key: u64, now: UnixMillis) -> Option<Seconds> {
        self.read(key)?.left_of(self.delay(key, now), now)
    }

    /// Adds to a count or takes from it. Answers the new count.
    pub(super) fn add(&mut self, key: u64, by: f32, now: UnixMillis) -> f32 {
        let rule = self.table.rule;
        let entry = self.entry(key, now);
        entry.count = (entry.count_at(now, &rule) + by).clamp(0.0, rule.ceiling());
        entry.at = entry.at.max(now);
        let count = entry.count;
        self.table.last.fetch_max(now.0, Ordering::Relaxed);
        count
    }

    pub(super) fn clear(&mut self, key: u64) {
        let set = self.set(key);
        for entry in self.sets[set].iter_mut().filter(|entry| entry.key == key) {
            *entry = Entry::default();
        }
    }

    /// The entry under `key`. A new one has no failures and remembers when it was first asked for.
    pub(super) fn entry(&mut self, key: u64, now: UnixMillis) -> &mut Entry {
        let rule = self.table.rule;
        let set = self.set(key);
        let set = &mut self.sets[set];
        let fresh = Entry { key, at: now, count: 0.0 };
        let position = set.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
            // defends: dos-expensive-input  memory is fixed; who is nearest to being forgotten makes room.
            let weight = |entry: &Entry| if entry.key == 0 { -1.0 } else { entry.count_at(now, &rule) };
            let lightest = (0..WAYS)
                .min_by(|a, b| weight(&set[*a]).total_cmp(&weight(&set[*b])).then(set[*a].at.cmp(&set[*b].at)))
                .unwrap_or(0);
            set[lightest] = fresh;
            lightest
        });
        let entry = &mut set[position];
        // Long forgotten: the next wait starts now, not when this entry was made.
        if entry.count_at(now, &rule) == 0.0 && now.since(entry.at) > rule.forget {
            *entry = fresh;
        }
        entry
    }
}
