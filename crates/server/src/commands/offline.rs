//! A server that does not run, as commands need it.

use std::sync::Arc;

use protocol::policy::Policy;
use serde_json::Value;
use store::{Ledger, SqliteOptions};

use super::{Admin, Command, CommandError, Record, execute};
use crate::app::policy;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::control::StoreLock;
use crate::entropy::{Entropy, Node};
use crate::keys::KeyRing;

/// Store and keys, opened without a server. Holds the lock, so that no server starts meanwhile.
pub struct Offline {
    config: Config,
    policy: Policy,
    ledger: Ledger,
    keys: KeyRing,
    clock: SystemClock,
    entropy: Arc<Entropy>,
    _lock: StoreLock,
}

impl Offline {
    /// Opens both. No keys are made: that is for `init` and for a server that starts.
    ///
    /// # Errors
    /// When store or key folder cannot be opened.
    pub async fn open(config: Config, lock: StoreLock) -> Result<Offline, CommandError> {
        let clock = SystemClock;
        let ledger = Ledger::open_sqlite(&config.store.path, SqliteOptions::default()).map_err(|error| {
            let CommandError { kind, problem, fix } = CommandError::from(error);
            CommandError { kind, problem: format!("{}: {problem}", config.store.path.display()), fix }
        })?;
        let keys = KeyRing::open(&config.keys.directory, &[], clock.now())?;
        let policy = policy(&config);
        let entropy = Arc::new(Entropy::new(Node::default()));
        // A clock that was set back must not make ids come again.
        if let Some(newest) = ledger.newest_id().await? {
            entropy.resume_after(newest.0);
        }
        Ok(Offline { policy, ledger, keys, clock, entropy, config, _lock: lock })
    }

    /// Carries out a command as a running server would.
    ///
    /// # Errors
    /// Those of [`execute`].
    pub async fn execute(&self, command: Command) -> Result<Value, CommandError> {
        let admin = Admin {
            config: &self.config,
            policy: &self.policy,
            ledger: &self.ledger,
            keys: &self.keys,
            clock: &self.clock,
            entropy: &self.entropy,
            record: Record::Stopped,
        };
        execute(admin, command).await
    }

    /// Brings the store to rest and gives it free.
    ///
    /// # Errors
    /// When the store cannot finish its last writes.
    pub async fn close(self) -> Result<(), CommandError> {
        Ok(self.ledger.close().await?)
    }
}
