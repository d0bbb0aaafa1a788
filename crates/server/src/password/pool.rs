//! Argon2id on threads of its own: a password costs a core some 20 ms and 19 MiB, so how many run and how many wait is
//! bounded, and who comes beyond that is told to come again.

use super::policy::MOST_CHARACTERS;
use crate::config;
use crate::edge::{AddressKey, Held, Metrics};
use crate::entropy::{Entropy, EntropyFailed};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use data_encoding::BASE64_NOPAD;
use jose::Secret;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Bytes of a hash's output and of its salt.
const OUTPUT: usize = 32;
const SALT: usize = 16;

/// All threads are taken and the queue, or this address's share of it, is full. Answer 503 with `Retry-After: 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Busy;

/// A hash as the store keeps it: a PHC string, which carries algorithm, cost and salt with it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash(String);

impl StoredHash {
    /// Takes a string from the store. It is parsed when it is used; a broken one matches no password.
    #[must_use]
    pub fn from_store(phc: String) -> Self {
        Self(phc)
    }

    /// The string for the store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever has it can guess at it without asking us.  defends: secrets-in-logs-and-errors
        f.write_str("[redacted]")
    }
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is the password.
    Right,
    /// It is the password, and its hash was made at a lower cost than is asked for now: store this one instead.
    RightButStale(StoredHash),
    /// It is not, or there is no such person.
    Wrong,
}

/// Hashes and verifies on the calling thread. For commands; the server uses [`Pool`].
pub struct Hasher {
    argon2: Argon2<'static>,
    entropy: Arc<Entropy>,
    /// A hash of nothing, at today's cost, to verify against when there is no person.
    nobody: StoredHash,
}

impl Hasher {
    /// A hasher at the cost that an operator chose.
    ///
    /// # Errors
    /// When the system's random source fails.
    pub fn new(config: &config::Passwords, entropy: Arc<Entropy>) -> Result<Self, EntropyFailed> {
        let (memory, passes, lanes) = (config.memory_kib.get(), config.iterations.get(), config.parallelism.get());
        // The bounds of the configuration lie within those of Argon2, and the default is the floor of both.
        let params = Params::new(memory, passes, lanes, Some(OUTPUT)).unwrap_or_default();
        let [salt, output] = [entropy.bytes::<OUTPUT>()?, entropy.bytes::<OUTPUT>()?];
        let nobody = StoredHash(phc(&params, &salt[..SALT], &output));
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Self { argon2, entropy, nobody })
    }

    /// Hashes a new password. Its quality is not judged here: see [`Policy`](super::Policy).
    ///
    /// decision: the bytes are hashed as they came, in UTF-8, without Unicode normalisation. Browsers and keyboards send
    /// composed characters today; a normalisation that changes with Unicode versions could lock people out.
    ///
    /// # Errors
    /// When the system's random source fails.
    // defends: password-from-as-database  a salt of its own for each, and a slow hash.
    pub fn hash(&self, password: &Secret<String>) -> Result<StoredHash, EntropyFailed> {
        let salt = self.entropy.bytes::<SALT>()?;
        let mut output = [0; OUTPUT];
        // Fails for lengths of salt and output only, and those are constants within the limits.
        compute(&self.argon2, password, &salt, &mut output).map_err(|_| EntropyFailed)?;
        Ok(StoredHash(phc(self.argon2.params(), &salt, &output)))
    }

    /// Checks a password against the hash of a person, or against nobody's: both cost the same work, so time does not
    /// tell which names exist.
    // defends: password-online-guessing, account-identifier-collision
    #[must_use]
    pub fn verify(&self, password: &Secret<String>, stored: Option<&StoredHash>) -> Outcome {
        // Too long for any password: told by its length alone, before any work, whoever is meant.
        if password.expose().chars().count() > MOST_CHARACTERS {
            return Outcome::Wrong;
        }
        let hash = PasswordHash::new(&stored.unwrap_or(&self.nobody).0);
        let is_argon2id = |hash: &PasswordHash| hash.algorithm.as_str() == "argon2id";
        let Some(hash) = hash.ok().filter(is_argon2id) else {
            return Outcome::Wrong;
        };
        if !is_hash_of(&hash, password) || stored.is_none() {
            return Outcome::Wrong;
        }
        match self.is_stale(&hash).then(|| self.hash(password)) {
            Some(Ok(renewed)) => Outcome::RightButStale(renewed),
            _ => Outcome::Right,
        }
    }

    /// Whether any of the cost figures is lower than today's.
    fn is_stale(&self, hash: &PasswordHash) -> bool {
        let today = self.argon2.params();
        Params::try_from(hash).map_or(true, |then| {
            then.m_cost() < today.m_cost() || then.t_cost() < today.t_cost() || then.p_cost() < today.p_cost()
        })
    }
}

/// The PHC string of a hash at this cost.
fn phc(params: &Params, salt: &[u8], output: &[u8]) -> String {
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let (salt, output) = (BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(output));
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}")
}

/// Whether `stored` was made from `password`, at the cost that it says itself. A broken one was made from nothing.
fn is_hash_of(stored: &PasswordHash, password: &Secret<String>) -> bool {
    let parts = || {
        let version = stored.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?;
        let argon2 = Argon2::new(Algorithm::Argon2id, version, Params::try_from(stored).ok()?);
        Some((argon2, stored.salt.as_ref()?, stored.hash.as_ref()?))
    };
    let Some((argon2, salt, expected)) = parts() else { return false };
    let mut output = vec![0; expected.len()];
    compute(&argon2, password, salt.as_ref(), &mut output).is_ok()
        && jose::constant_time_eq(&output, expected.as_bytes())
}

fn compute(argon2: &Argon2<'_>, password: &Secret<String>, salt: &[u8], output: &mut [u8]) -> argon2::Result<()> {
    argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, output, memory(argon2.params()))
}

/// Memory for one hash, which goes back to the system with it.
///
/// The library would allocate what it needs, and no more. glibc before 2.38 does not find such aligned memory again once
/// it is free and something small lies behind it: sign-in by sign-in the process grew by 19 MiB. Above 32 MiB glibc always
/// maps memory on its own, and unmaps it. Pages of it that are not touched cost nothing.  defends: dos-expensive-input
fn memory(params: &Params) -> Vec<Block> {
    const MAPPED: usize = 33 * 1024 * 1024 / Block::SIZE;
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(MAPPED));
    memory.resize(blocks, Block::new());
    memory
}

enum Work {
    Hash(oneshot::Sender<Result<StoredHash, EntropyFailed>>),
    Verify(Option<StoredHash>, oneshot::Sender<Outcome>),
}

struct Job {
    password: Secret<String>,
    work: Work,
    /// Given back when the job is done or dropped.
    held: (Share, Held),
}

/// Threads that hash, and a queue with a bound. The threads end when the pool is dropped.
#[derive(Clone)]
pub struct Pool {
    queue: SyncSender<Job>,
    shares: Arc<Shares>,
    metrics: Arc<Metrics>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(config: &config::Passwords, hasher: Hasher, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(config.queue.size());
        let (hasher, jobs) = (Arc::new(hasher), Arc::new(Mutex::new(jobs)));
        for number in 0..config.threads.get() {
            let (hasher, jobs) = (Arc::clone(&hasher), Arc::clone(&jobs));
            let name = format!("password-{number}");
            std::thread::Builder::new().name(name).spawn(move || work(&hasher, &jobs))?;
        }
        // A quarter each: four addresses fill the queue, one cannot.
        let most = (config.threads.get() + config.queue.get()).div_ceil(4);
        Ok(Self { queue, shares: Arc::new(Shares { most, taken: Mutex::default() }), metrics })
    }

    /// As [`Hasher::hash`], for somebody at `address`.
    ///
    /// # Errors
    /// [`Busy`] when it would have to wait too long, or when the random source fails.
    pub async fn hash(&self, password: Secret<String>, address: AddressKey) -> Result<StoredHash, Busy> {
        let (answer, hash) = oneshot::channel();
        self.submit(password, Work::Hash(answer), address)?;
        hash.await.map_err(|_| Busy)?.map_err(|_| Busy)
    }

    /// As [`Hasher::verify`], for somebody at `address`. `stored` is `None` when there is no such person: the work is the
    /// same, and so must be the answer.
    ///
    /// # Errors
    /// [`Busy`] when it would have to wait too long.
    pub async fn verify(
        &self,
        password: Secret<String>,
        stored: Option<StoredHash>,
        address: AddressKey,
    ) -> Result<Outcome, Busy> {
        let (answer, outcome) = oneshot::channel();
        self.submit(password, Work::Verify(stored, answer), address)?;
        outcome.await.map_err(|_| Busy)
    }

    // defends: dos-expensive-input
    fn submit(&self, password: Secret<String>, work: Work, address: AddressKey) -> Result<(), Busy> {
        let shed = || {
            self.metrics.password_shed();
            Busy
        };
        let share = self.shares.take(address).ok_or_else(shed)?;
        let job = Job { password, work, held: (share, self.metrics.password()) };
        match self.queue.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(shed()),
        }
    }
}

fn work(hasher: &Hasher, jobs: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting: one thread waits for the next job, the others for the lock.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { password, work, held }) = job else { return };
        // Whoever asked may be gone; nobody needs the answer then. What the job held is given back before the answer, so
        // that the next try of the same person finds room.
        match work {
            Work::Hash(answer) if !answer.is_closed() => {
                let hash = hasher.hash(&password);
                drop(held);
                drop(answer.send(hash));
            }
            Work::Verify(stored, answer) if !answer.is_closed() => {
                let outcome = hasher.verify(&password, stored.as_ref());
                drop(held);
                drop(answer.send(outcome));
            }
            Work::Hash(_) | Work::Verify(..) => {}
        }
    }
}

/// How many jobs each address has in the pool. As long as the queue, so bounded.
struct Shares {
    most: u32,
    taken: Mutex<HashMap<AddressKey, u32>>,
}

impl Shares {
    fn take(self: &Arc<Self>, address: AddressKey) -> Option<Share> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { shares: Arc::clone(self), address })
    }
}

struct Share {
    shares: Arc<Shares>,
    address: AddressKey,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = taken.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Amount, Passwords};
    use crate::entropy::Node;
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::{Duration, Instant};

    fn hasher(config: &Passwords) -> Hasher {
        Hasher::new(config, Arc::new(Entropy::new(Node::default()))).expect("random source")
    }

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn address(number: u32) -> AddressKey {
        IpAddr::V4(Ipv4Addr::from(number)).into()
    }

    #[test]
    fn dos_expensive_input_checked_passwords_leave_no_memory_behind() {
        const MAPPED_BY_GLIBC: usize = 32 * 1024 * 1024;
        let memory = memory(hasher(&Passwords::default()).argon2.params());
        assert_eq!(memory.len(), 19_456);
        assert!(memory.capacity() * Block::SIZE > MAPPED_BY_GLIBC);
    }

    #[test]
    fn a_password_is_known_again() {
        let hasher = hasher(&Passwords::default());
        let stored = hasher.hash(&secret("crimson otter walks home")).expect("random source");
        assert_eq!(hasher.verify(&secret("crimson otter walks home"), Some(&stored)), Outcome::Right);
        assert_eq!(hasher.verify(&secret("crimson otter walks home "), Some(&stored)), Outcome::Wrong);
        assert_eq!(hasher.verify(&secret(""), Some(&stored)), Outcome::Wrong);
        assert_eq!(hasher.verify(&secret("x"), None), Outcome::Wrong);
    }

    #[test]
    fn password_from_as_database_each_hash_is_argon2id_with_a_salt_of_its_own() {
        let hasher = hasher(&Passwords::default());
        let [one, two] = [(); 2].map(|()| hasher.hash(&secret("crimson otter")).expect("random source"));
        assert!(one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.as_str());
        assert_ne!(one, two);
        assert!(!one.as_str().contains("otter"));
        assert_eq!(format!("{one:?}"), "[redacted]");
    }

    #[test]
    fn password_from_as_database_a_cheaper_hash_is_renewed() {
        let old = hasher(&Passwords::default());
        let stored = old.hash(&secret("crimson otter")).expect("random source");
        let dearer = Passwords { iterations: Amount::new(3).expect("in bounds"), ..Passwords::default() };
        let new = hasher(&dearer);
        let Outcome::RightButStale(renewed) = new.verify(&secret("crimson otter"), Some(&stored)) else {
            panic!("not renewed");
        };
        assert!(renewed.as_str().contains("t=3"));
        assert_eq!(new.verify(&secret("crimson otter"), Some(&renewed)), Outcome::Right);
        assert_eq!(old.verify(&secret("crimson otter"), Some(&renewed)), Outcome::Right, "dearer is not stale");
    }

    #[test]
    fn password_from_as_database_broken_and_foreign_hashes_match_nothing() {
        let hasher = hasher(&Passwords::default());
        for stored in ["", "crimson otter", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAA", "$5$x$y"] {
            let stored = StoredHash::from_store(stored.to_owned());
            assert_eq!(hasher.verify(&secret("crimson otter"), Some(&stored)), Outcome::Wrong);
        }
    }

    #[test]
    fn password_online_guessing_nobody_costs_as_much_as_somebody() {
        let hasher = hasher(&Passwords::default());
        let stored = hasher.hash(&secret("crimson otter")).expect("random source");
        let time = |stored: Option<&StoredHash>| {
            let start = Instant::now();
            assert_eq!(hasher.verify(&secret("wrong"), stored), Outcome::Wrong);
            start.elapsed()
        };
        // The same figures, and the same sizes of salt and output ...
        let shape = |hash: &StoredHash| hash.0.split('$').map(str::len).collect::<Vec<_>>();
        let figures = |hash: &StoredHash| hash.0.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!((shape(&hasher.nobody), figures(&hasher.nobody)), (shape(&stored), figures(&stored)));
        // ... and the work is done: the best of several, because this machine has other things to do.
        let best = |stored: Option<&StoredHash>| (0..5).map(|_| time(stored)).min().unwrap_or_default();
        let (somebody, nobody) = (best(Some(&stored)), best(None));
        assert!(nobody > somebody / 5, "{nobody:?} against {somebody:?}");
    }

    #[tokio::test]
    async fn dos_expensive_input_the_queue_is_bounded_and_shared_out() {
        let config = Passwords {
            threads: Amount::new(1).expect("in bounds"),
            queue: Amount::new(8).expect("in bounds"),
            ..Passwords::default()
        };
        let metrics = Arc::new(Metrics::new(""));
        let pool = Pool::start(&config, hasher(&config), Arc::clone(&metrics)).expect("threads");
        let verify = |from: u32| {
            let pool = pool.clone();
            tokio::spawn(async move { pool.verify(secret("x"), None, address(from)).await })
        };
        let start = Instant::now();
        let one: Vec<_> = (0..50).map(|_| verify(1)).collect();
        let many: Vec<_> = (2..50).map(verify).collect();
        let mut passed = [0, 0];
        for (group, tries) in [one, many].into_iter().enumerate() {
            for done in tries {
                passed[group] += usize::from(done.await.expect("no panic").is_ok());
            }
        }
        assert_eq!(passed[0], 3, "a quarter of nine, rounded up");
        assert!((5..=7).contains(&passed[1]), "{passed:?}");
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(metrics.render().contains("safeconduct_password_queue 0\n"));
        assert_eq!(pool.verify(secret("x"), None, address(1)).await, Ok(Outcome::Wrong), "it recovers");
    }

    #[tokio::test]
    async fn the_pool_hashes_and_verifies() {
        let config = Passwords::default();
        let pool = Pool::start(&config, hasher(&config), Arc::new(Metrics::new(""))).expect("threads");
        let stored = pool.hash(secret("crimson otter"), address(1)).await.expect("free");
        assert_eq!(pool.verify(secret("crimson otter"), Some(stored), address(1)).await, Ok(Outcome::Right));
    }
}
