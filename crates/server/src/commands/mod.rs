//! What an operator can ask for, on a running server and on a stopped one: one list of commands, one place that carries
//! them out.
//!
//! The command line makes a [`Command`]. If a server runs on the store, the command goes to it through
//! [`control`](crate::control); if not, the command line opens the store itself. Either way [`execute`] does the work, so
//! that both mean the same.

mod claims;
mod clients;
mod error;
mod events;
mod grants;
mod keys;
mod metadata;
mod offline;
mod secret;
mod users;

use std::path::PathBuf;
use std::sync::Arc;

use jose::Algorithm;
use protocol::UnixTime;
use protocol::handle::Id;
use protocol::policy::Policy;
use protocol::record::EventRecord;
use protocol::registration::ClientMetadata;
use protocol::signal::Signal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::Ledger;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::entropy::Entropy;
use crate::events::{About, Events};
use crate::keys::KeyRing;

pub use error::{CommandError, Kind};
pub use metadata::read_metadata;
pub use offline::Offline;
pub use secret::{NewPassword, Password, generate_password};

/// One thing to do. Serialized as `{"command": "client-add", ...}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Copies the store to a new file. Answers `{"store", "keys", "config_folder"}`: what else belongs to a backup.
    Backup {
        /// Absolute: a running server has another working folder.
        path: PathBuf,
    },
    /// Registers a client. Answers the client information response (RFC 7591 section 3.2.1).
    ClientAdd {
        /// The client as the operator wants it.
        metadata: Box<ClientMetadata>,
    },
    /// Switches a client off: nothing new is issued to it. Answers the client.
    ClientDisable {
        /// Which.
        client_id: String,
    },
    /// Switches it on again. Answers the client.
    ClientEnable {
        /// Which.
        client_id: String,
    },
    /// All clients, by id, as `ClientShow` answers each.
    ClientList,
    /// Removes a client and ends its grants.
    ClientRemove {
        /// Which.
        client_id: String,
    },
    /// Gives a client a new secret. Answers the client information response.
    ClientRollSecret {
        /// Which.
        client_id: String,
        /// Seconds for which the old secret works beside the new one.
        overlap: u32,
    },
    /// One client: its metadata, `client_id_issued_at`, `disabled`, and the times of its secrets.
    ClientShow {
        /// Which.
        client_id: String,
    },
    /// Events, oldest first.
    EventsList {
        /// Only those after this one; else the newest.
        after: Option<Id>,
        /// Only those that happened at this time or later.
        since: Option<UnixTime>,
        /// At most so many.
        limit: u32,
    },
    /// Ends a grant with everything that came of it.
    GrantEnd {
        /// Which.
        grant: Id,
    },
    /// Grants by rising id.
    GrantList {
        /// Only this client's.
        client_id: Option<String>,
        /// Only this person's, by user name.
        username: Option<String>,
        /// Living ones, or all that are remembered.
        which: Which,
    },
    /// Removes a signing key at once and makes another: what it signed is worth nothing any more.
    KeysDiscard {
        /// Which.
        kid: String,
    },
    /// All signing keys with their state; no private part.
    KeysList,
    /// Makes new signing keys that take over.
    KeysRotate {
        /// Only for this algorithm; else for each that is in use.
        alg: Option<Algorithm>,
        /// When the new keys begin to sign.
        takeover: Takeover,
    },
    /// Whether the store can write, and which release answers.
    Probe,
    /// Makes an account. Answers `{"username", "subject"}` and the password if it was generated.
    UserAdd {
        /// What is typed at sign-in.
        username: String,
        /// Given or generated.
        password: NewPassword,
        /// Standard claims about the person.
        claims: Map<String, Value>,
    },
    /// All accounts, by user name.
    UserList,
    /// Locks an account: sessions end, tokens stop working.
    UserLock {
        /// Whose.
        username: String,
    },
    /// Removes an account, its grants and sessions.
    UserRemove {
        /// Whose.
        username: String,
    },
    /// Sets a new password and ends the sessions.
    UserSetPassword {
        /// Whose.
        username: String,
        /// Given or generated.
        password: NewPassword,
    },
    /// Unlocks an account.
    UserUnlock {
        /// Whose.
        username: String,
    },
}

/// Which grants to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// Ended and expired ones, too, until they are swept.
    All,
    /// Those that still give rights.
    Live,
}

/// When a new key begins to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Takeover {
    /// After `keys.publish_ahead`, when every API has fetched it.
    Announced,
    /// At once: APIs that keep the old key set refuse tokens until they fetch the new one.
    Now,
}

impl Command {
    /// Whether it changes something: those are carried out one after the other.
    pub(crate) fn changes(&self) -> bool {
        !matches!(
            self,
            Command::Backup { .. }
                | Command::ClientList
                | Command::ClientShow { .. }
                | Command::EventsList { .. }
                | Command::GrantList { .. }
                | Command::KeysList
                | Command::Probe
                | Command::UserList
        )
    }
}

/// Where events of commands go.
#[derive(Clone, Copy)]
pub(crate) enum Record<'a> {
    /// To the log, the counters and the store of a running server.
    Running(&'a Events),
    /// To the store alone: nobody else is there.
    Stopped,
}

/// What carrying out a command needs.
#[derive(Clone, Copy)]
pub struct Admin<'a> {
    pub(crate) config: &'a Config,
    pub(crate) policy: &'a Policy,
    pub(crate) ledger: &'a Ledger,
    pub(crate) keys: &'a KeyRing,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) entropy: &'a Arc<Entropy>,
    pub(crate) record: Record<'a>,
}

impl<'a> From<&'a App> for Admin<'a> {
    fn from(app: &'a App) -> Admin<'a> {
        Admin {
            config: &app.config,
            policy: &app.policy,
            ledger: &app.ledger,
            keys: &app.keys,
            clock: app.clock.as_ref(),
            entropy: &app.entropy,
            record: Record::Running(&app.events),
        }
    }
}

impl Admin<'_> {
    fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Raises the event of a change. What was done stays done when the event cannot be stored, so that is an error of its
    /// own: the operator must not repeat the command.  defends: attack-goes-unnoticed
    async fn raise(&self, signal: Signal, about: About) -> Result<(), CommandError> {
        let now = self.clock.now_millis();
        match self.record {
            Record::Running(events) => {
                events.note(signal, about);
                Ok(())
            }
            Record::Stopped => {
                let event = EventRecord {
                    id: Id(self.entropy.next_id(now)),
                    at: now.to_unix_time(),
                    signal,
                    client_id: about.client_id,
                    subject: about.subject,
                    grant: about.grant,
                    address: None,
                    request_id: None,
                    rule: None,
                    detail: about.detail,
                };
                self.ledger.append_event(event).await.map_err(|error| {
                    CommandError::failed(
                        format!("the change was made, but its event could not be stored: {error}"),
                        "do not repeat the command; note the change by hand",
                    )
                })
            }
        }
    }
}

/// Carries out a command. An error means that nothing was changed, unless its text says otherwise.
pub async fn execute(admin: Admin<'_>, command: Command) -> Result<Value, CommandError> {
    match command {
        Command::Backup { path } => backup(admin, path).await,
        Command::ClientAdd { metadata } => clients::add(admin, *metadata).await,
        Command::ClientDisable { client_id } => clients::switch(admin, &client_id, clients::Switch::Off).await,
        Command::ClientEnable { client_id } => clients::switch(admin, &client_id, clients::Switch::On).await,
        Command::ClientList => clients::list(admin).await,
        Command::ClientRemove { client_id } => clients::remove(admin, &client_id).await,
        Command::ClientRollSecret { client_id, overlap } => clients::roll_secret(admin, &client_id, overlap).await,
        Command::ClientShow { client_id } => clients::show(admin, &client_id).await,
        Command::EventsList { after, since, limit } => events::list(admin, after, since, limit).await,
        Command::GrantEnd { grant } => grants::end(admin, grant).await,
        Command::GrantList { client_id, username, which } => grants::list(admin, client_id, username, which).await,
        Command::KeysDiscard { kid } => keys::discard(admin, &kid).await,
        Command::KeysList => Ok(keys::list(admin)),
        Command::KeysRotate { alg, takeover } => keys::rotate(admin, alg, takeover).await,
        Command::Probe => {
            admin.ledger.probe().await?;
            Ok(json!({ "version": env!("CARGO_PKG_VERSION"), "now": admin.now() }))
        }
        Command::UserAdd { username, password, claims } => users::add(admin, &username, password, claims).await,
        Command::UserList => users::list(admin).await,
        Command::UserLock { username } => users::lock(admin, &username).await,
        Command::UserRemove { username } => users::remove(admin, &username).await,
        Command::UserSetPassword { username, password } => users::set_password(admin, &username, password).await,
        Command::UserUnlock { username } => users::unlock(admin, &username).await,
    }
}

async fn backup(admin: Admin<'_>, path: PathBuf) -> Result<Value, CommandError> {
    if !path.is_absolute() {
        return Err(CommandError::invalid("the path of the backup is not absolute", "give it from the root on"));
    }
    if path.exists() {
        return Err(CommandError::conflict(format!("{} exists already", path.display()), "name a new file"));
    }
    admin.ledger.backup(&path).await?;
    Ok(json!({ "store": path, "keys": admin.config.keys.directory }))
}

#[cfg(test)]
mod tests;
