//! Every change of the store as data: memory, SQL and the cache each interpret the same list.

use std::sync::Arc;

use jose::{Secret, UnixTime};
use protocol::authorize::CodePlan;
use protocol::client_auth::AssertionId;
use protocol::handle::{Id, SecretHash};
use protocol::record::{EndReason, EventRecord, OwnerStatus, ParkedRecord, SessionRecord, UserRecord};
use protocol::registration::RegisteredClient;
use protocol::token::IssuePlan;

/// One change, all of it or nothing.
#[derive(Debug)]
pub(crate) enum Write {
    BurnCode(Id),
    Code(Box<CodePlan>),
    Confirm { grant: Id, token: Id },
    EndGrants { ids: Vec<Id>, reason: EndReason, now: UnixTime },
    EndSessions(Vec<Id>),
    Event(Box<EventRecord>),
    ExtendSession { id: Id, expires: UnixTime },
    FirstUse(AssertionId),
    ForgetConsents(Whose),
    Issue(Box<IssuePlan>),
    Park(Box<ParkedRecord>, Caps),
    Probe,
    PutClient(Arc<RegisteredClient>),
    PutSession { session: Box<SessionRecord>, checked: Secret<String> },
    PutUser(User),
    RemoveClient(String),
    RemoveUser(String),
    RenewPassword { subject: String, from: Secret<String>, to: Secret<String> },
    RevokeAccess { id: Id, expires: UnixTime, now: UnixTime },
    SetUserStatus(String, OwnerStatus),
    Sweep { kind: Kind, ids: Vec<Id>, now: UnixTime },
    SweepKeyless { now: UnixTime, limit: usize, kept_events: u64 },
    TakeParked { id: Id, browser: SecretHash },
}

/// What came of a change.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The caps for parked requests are reached.
    Capped,
    /// The compare-and-set found something else, or nothing.
    Lost,
    /// The request that was taken.
    Parked(Box<ParkedRecord>),
    /// The username belongs to somebody else.
    Taken,
    /// Done; this many rows changed.
    Won(usize),
}

impl Outcome {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Outcome::Won(rows) => *rows,
            _ => 0,
        }
    }
}

/// A user record on its way to the store. `Debug` shows nothing of it.
pub(crate) struct User(pub Box<UserRecord>);

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("User")
    }
}

/// Whose things are meant.
#[derive(Clone, Debug)]
pub(crate) enum Whose {
    Client(String),
    Subject(String),
}

/// Tables with ids as keys from which expired rows are swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Code,
    Grant,
    Parked,
    Refresh,
    Revoked,
    Session,
}

impl Kind {
    pub(crate) const ALL: [Kind; 7] =
        [Kind::Access, Kind::Code, Kind::Grant, Kind::Parked, Kind::Refresh, Kind::Revoked, Kind::Session];
}

/// How many requests may wait for people.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// In all. Beyond it [`crate::StoreError::Busy`] is answered.
    pub total: u32,
    /// Of one browser. Beyond it the browser's oldest makes room.
    pub per_browser: u32,
}

/// Which grants to list. The default is all.
#[derive(Clone, Debug, Default)]
pub struct GrantFilter {
    /// Of this client.
    pub client_id: Option<String>,
    /// Of this person.
    pub subject: Option<String>,
    /// Neither ended nor expired at this time.
    pub live_at: Option<UnixTime>,
}

impl GrantFilter {
    pub(crate) fn passes(&self, grant: &protocol::record::GrantRecord) -> bool {
        self.client_id.as_ref().is_none_or(|id| *id == grant.client_id)
            && self.subject.as_ref().is_none_or(|subject| *subject == grant.subject)
            && self.live_at.is_none_or(|now| grant.ended.is_none() && grant.expires > now)
    }
}
