//! The tar pit: wrong passwords and wrong client secrets make the next try wait.
//!
//! Three things are counted, each with a free allowance, a delay that doubles up to a cap, and a steady forgetting:
//!
//! - the **source** at one account (or client): the address, or the browser if it signed in there before;
//! - the **address** over all accounts, against spraying one password over many names;
//! - the **account** over all sources, against many addresses at one name.
//!
//! None of them can lock a person out for good. A delay belongs to the source that failed. What others did to an account
//! reaches a stranger as one short wait before the first try (`longest_delay_account`), counted from when that stranger
//! first asked, so nobody can keep taking the turn away; it does not reach a browser or an address that signed in there
//! before. One source adds three failures at most to the account's count, so a single one cannot slow others at all.
//!
//! A password try is counted when it is admitted, and given back when it was right: fifty tries sent at once do not all
//! find the same low count. Client secrets hold 256 bits, so there only failures count and honest load costs nothing.
//!
//! Memory is fixed, see `table.rs`; names are kept as hashes under a key of the process.

mod table;

use super::address::AddressKey;
use crate::clock::UnixMillis;
use crate::config;
use jose::Seconds;
use std::hash::{BuildHasher, Hash, RandomState};
use table::{Rule, Table};

/// What one source adds to the count of an account, at most.
const SHARE_OF_ACCOUNT: f32 = 3.0;
/// A browser that the caller knows to have signed in to this very account before, by a cookie that holds a secret.
/// Strangers must not be able to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KnownBrowser(
    /// A number that stands for the cookie: the id of its record.
    pub u64,
);

/// Who tries a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Known by address only.
    Address(AddressKey),
    /// A browser with a good record at this account, and its address.
    Browser(KnownBrowser, AddressKey),
}

/// What a try gets.
#[must_use]
#[derive(Debug)]
pub enum Admission {
    /// Go on and check. Tell what came of it with the ticket.
    Go(Ticket),
    /// Do not check: answer 429 and `Retry-After`. The same for names that exist and names that do not.
    Wait {
        /// For how long, at least a second.
        retry_after: Seconds,
        /// What makes it wait.
        because: Because,
    },
}

/// What makes a try wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// Failures from many sources at this account.
    Account,
    /// Failures of this address at many accounts.
    Address,
    /// Failures of this source at this account or client.
    Source,
}

impl Because {
    /// The signal of the ledger for a person's sign-in. A client's is `client-auth-failed-burst` in any case.
    #[must_use]
    pub fn signal(self) -> &'static str {
        match self {
            Because::Account => "account-locked",
            Because::Address | Because::Source => "login-failed-burst",
        }
    }
}

/// A password try that was counted when admitted. Dropping it leaves it counted as a failure, which is the safe way to
/// forget.
#[derive(Debug)]
pub struct Ticket {
    source: u64,
    address: Option<u64>,
    account: u64,
    acquaintance: Option<u64>,
    added_to_account: f32,
    burst: Burst,
}

/// The tar pit for sign-in and for client authentication. One per process.
#[derive(Debug)]
pub struct Throttle {
    hasher: RandomState,
    /// For how long an acquaintance lasts, in milliseconds.
    acquaintance: u64,
    sources: Table,
    addresses: Table,
    accounts: Table,
    acquaintances: Table,
    clients: Table,
    client_addresses: Table,
}

impl Throttle {
    /// A tar pit with nothing in it.
    #[must_use]
    pub fn new(config: &config::Throttle) -> Self {
        let millis = |Seconds(seconds): Seconds| u64::from(seconds) * 1000;
        let longest = millis(config.longest_delay.seconds());
        let table = |free: u32, longest: u64| {
            let rule = Rule {
                #[allow(clippy::cast_precision_loss)] // bounded to 1000
                free: free as f32,
                first: millis(config.first_delay.seconds()),
                longest,
                forget: millis(config.forget_one.seconds()),
            };
            Table::new(config.entries.size(), rule)
        };
        Self {
            hasher: RandomState::new(),
            acquaintance: millis(config.acquaintance.seconds()),
            sources: table(config.free_attempts.get(), longest),
            addresses: table(config.free_attempts_address.get(), longest),
            accounts: table(config.free_attempts_account.get(), millis(config.longest_delay_account.seconds())),
            acquaintances: Table::new(config.entries.size(), Rule::KEEP),
            clients: table(config.free_attempts_client.get(), longest),
            client_addresses: table(config.free_attempts_address.get(), longest),
        }
    }

    /// Whether `source` may try a password for `account` now. `account` is the name as typed, after
    /// [`Username`](crate::password::Username) parsing where that works: it need not exist.
    // defends: password-online-guessing, dos-lockout-abuse
    pub fn admit_password(&self, account: &str, source: Source, now: UnixMillis) -> Admission {
        let mut ticket = self.ticket(account, source);
        if let Some(key) = ticket.address
            && let Some(retry_after) = self.addresses.lock(key).wait(key, now)
        {
            return Admission::Wait { retry_after, because: Because::Address };
        }
        let account_delay = match self.is_acquainted(&ticket, now) {
            Acquainted::Yes => 0,
            Acquainted::No => self.accounts.lock(ticket.account).delay(ticket.account, now),
        };
        // Held to the end: of tries sent at once, each sees the ones before it.
        let mut sources = self.sources.lock(ticket.source);
        if account_delay > sources.delay(ticket.source, now) {
            // The wait is this source's own and starts when it first asks: a crowd cannot take its turn.
            if let Some(retry_after) = sources.entry(ticket.source, now).left_of(account_delay, now) {
                return Admission::Wait { retry_after, because: Because::Account };
            }
        } else if let Some(retry_after) = sources.wait(ticket.source, now) {
            return Admission::Wait { retry_after, because: Because::Source };
        }
        let count = sources.add(ticket.source, 1.0, now);
        drop(sources);
        ticket.burst = self.sources.rule.burst(count);
        ticket.added_to_account = (SHARE_OF_ACCOUNT + 1.0 - count).clamp(0.0, 1.0);
        self.count_elsewhere(&ticket, 1.0, now);
        Admission::Go(ticket)
    }

    /// The password was right: the source's failures are forgotten and its address is acquainted from now on. Answers
    /// whether it was before; `No` is the moment for `login-new-location`.
    pub fn password_right(&self, ticket: Ticket, now: UnixMillis) -> Acquainted {
        let before = self.is_acquainted(&ticket, now);
        self.sources.lock(ticket.source).clear(ticket.source);
        if let Some(key) = ticket.acquaintance {
            self.acquaintances.lock(key).add(key, 1.0, now);
        }
        self.count_elsewhere(&ticket, -1.0, now);
        before
    }

    /// The password was wrong. It stays counted. Answers whether that is more than the free allowance, which is the moment
    /// for `login-failed-burst`.
    #[must_use]
    pub fn password_wrong(&self, ticket: Ticket) -> Burst {
        ticket.burst
    }

    /// The password was not checked after all (no free hashing thread, a store that is down): nothing is counted.
    pub fn password_unchecked(&self, ticket: Ticket, now: UnixMillis) {
        self.sources.lock(ticket.source).add(ticket.source, -1.0, now);
        self.count_elsewhere(&ticket, -1.0, now);
    }

    fn count_elsewhere(&self, ticket: &Ticket, sign: f32, now: UnixMillis) {
        if let Some(key) = ticket.address {
            self.addresses.lock(key).add(key, sign, now);
        }
        if ticket.added_to_account > 0.0 {
            self.accounts.lock(ticket.account).add(ticket.account, sign * ticket.added_to_account, now);
        }
    }

    fn is_acquainted(&self, ticket: &Ticket, now: UnixMillis) -> Acquainted {
        let Some(key) = ticket.acquaintance else {
            return Acquainted::Yes; // a known browser
        };
        match self.acquaintances.lock(key).read(key) {
            Some(entry) if now.since(entry.at) < self.acquaintance => Acquainted::Yes,
            _ => Acquainted::No,
        }
    }

    fn ticket(&self, account: &str, source: Source) -> Ticket {
        let account = self.key(account);
        let (source, address, acquaintance) = match source {
            Source::Address(address) => {
                let pair = self.key((account, "address", address));
                (pair, Some(self.key(address)), Some(pair))
            }
            // Its own record is what counts: neither strangers nor its neighbours behind one address slow it down.
            Source::Browser(browser, _) => (self.key((account, "browser", browser)), None, None),
        };
        Ticket { source, address, account, acquaintance, added_to_account: 0.0, burst: Burst::No }
    }

    /// The key of a table: never zero, which stands for a free entry.
    fn key(&self, value: impl Hash) -> u64 {
        self.hasher.hash_one(value) | 1
    }

    /// Whether `address` may try to authenticate as `client` now, at whichever endpoint. `Some` tells how long to wait.
    /// The client itself is never slowed elsewhere.
    // defends: client-secret-guessing, dos-lockout-abuse
    #[must_use]
    pub fn admit_client(&self, client: &str, address: AddressKey, now: UnixMillis) -> Option<Seconds> {
        if self.client_addresses.is_calm(now) {
            return None; // the usual case costs one load
        }
        let pair = self.key((client, address));
        let address = self.key(address);
        let wait = self.clients.lock(pair).wait(pair, now);
        wait.or_else(|| self.client_addresses.lock(address).wait(address, now))
    }

    /// Client authentication failed: unknown client, wrong secret, wrong signature. Answers whether this is more than the
    /// free allowance, which is the moment for `client-auth-failed-burst`.
    #[must_use]
    pub fn client_failed(&self, client: &str, address: AddressKey, now: UnixMillis) -> Burst {
        let pair = self.key((client, address));
        let address = self.key(address);
        self.client_addresses.lock(address).add(address, 1.0, now);
        self.clients.rule.burst(self.clients.lock(pair).add(pair, 1.0, now))
    }
}

/// Whether an account was signed in to from an address before, since the server started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquainted {
    /// Not that we know.
    No,
    /// Lately.
    Yes,
}

/// Whether failures have become a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Burst {
    /// Still within the free allowance.
    No,
    /// Beyond it.
    Yes,
}

#[cfg(test)]
mod tests;
