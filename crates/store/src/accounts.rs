//! The verbs around it: sessions, consents, clients, people, events, and the care of the store itself.

use std::path::Path;
use std::sync::Arc;

use jose::{Secret, UnixTime};
use protocol::handle::{Id, PresentedHandle};
use protocol::record::{ConsentRecord, EndReason, EventRecord, OwnerStatus, SessionRecord, UserRecord};
use protocol::registration::RegisteredClient;

use crate::error::StoreError;
use crate::ledger::{Backend, Ledger};
use crate::write::{Outcome, User, Whose, Write};

impl Ledger {
    /// What a person allowed a client before and the server still remembers.
    pub async fn consent(
        &self,
        subject: &str,
        client_id: &str,
        now: UnixTime,
    ) -> Result<Option<ConsentRecord>, StoreError> {
        let found = match &self.backend {
            Backend::Memory(memory) => memory.consent(subject, client_id),
            Backend::Sqlite(sqlite) => sqlite.consent(subject, client_id)?,
        };
        Ok(found.filter(|consent| consent.expires > now))
    }

    /// Forgets what people allowed this client. Answers how much.
    pub async fn forget_consents_of_client(&self, client_id: &str) -> Result<usize, StoreError> {
        self.rows(Write::ForgetConsents(Whose::Client(client_id.to_owned()))).await
    }

    /// Forgets what this person allowed. Answers how much.
    pub async fn forget_consents_of_subject(&self, subject: &str) -> Result<usize, StoreError> {
        self.rows(Write::ForgetConsents(Whose::Subject(subject.to_owned()))).await
    }

    /// Keeps the new session of a person who gave a password. `checked` is the hash that it was compared with: the session
    /// begins only if that is still the person's, and the account in use. Answers whether it began. Otherwise a sign-in that
    /// was under way while the operator locked the account or set another password would outlast both.
    pub async fn put_session(&self, session: SessionRecord, checked: &str) -> Result<bool, StoreError> {
        let (session, checked) = (Box::new(session), Secret::new(checked.to_owned()));
        Ok(self.rows(Write::PutSession { session, checked }).await? > 0)
    }

    /// Moves the end of a session. Answers whether it was there: one that has ended meanwhile stays ended.
    pub async fn extend_session(&self, id: Id, expires: UnixTime) -> Result<bool, StoreError> {
        Ok(self.rows(Write::ExtendSession { id, expires }).await? > 0)
    }

    /// The session that a cookie stands for: it exists, its secret is right, it has not expired, and its person exists and is
    /// not locked. A wrong "yes" lets anybody act as that person.
    pub async fn session(&self, cookie: &PresentedHandle, now: UnixTime) -> Result<Option<SessionRecord>, StoreError> {
        let found = match &self.backend {
            Backend::Memory(memory) => memory.session(cookie.id()),
            Backend::Sqlite(sqlite) => sqlite.session(cookie.id())?,
        };
        let Some((session, status)) = found else { return Ok(None) };
        // defends: locked-account-token-issuance
        let counts = session.hash.matches(cookie.hash()) && session.expires > now && status == OwnerStatus::Active;
        Ok(counts.then_some(session))
    }

    /// Ends a session. Answers whether it existed.
    pub async fn end_session(&self, id: Id) -> Result<bool, StoreError> {
        Ok(self.rows(Write::EndSessions(vec![id])).await? > 0)
    }

    /// Ends all sessions of a person. Answers how many. Scans: for operators, not for requests.
    pub async fn end_sessions_of(&self, subject: &str) -> Result<usize, StoreError> {
        let ids = match &self.backend {
            Backend::Memory(memory) => memory.sessions_of(subject),
            Backend::Sqlite(sqlite) => sqlite.sessions_of(subject.to_owned()).await?,
        };
        self.rows(Write::EndSessions(ids)).await
    }

    /// The client with this id. Parsed once and then shared.
    pub async fn client(&self, id: &str) -> Result<Option<Arc<RegisteredClient>>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.client(id)),
            Backend::Sqlite(sqlite) => sqlite.client(id),
        }
    }

    /// Registers a client or replaces it; what was allowed to it stays.
    pub async fn put_client(&self, client: RegisteredClient) -> Result<(), StoreError> {
        self.rows(Write::PutClient(Arc::new(client))).await.map(drop)
    }

    /// All clients, by id.
    pub async fn clients(&self) -> Result<Vec<Arc<RegisteredClient>>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.clients()),
            Backend::Sqlite(sqlite) => sqlite.clients().await,
        }
    }

    /// Removes a client, ends its grants and forgets its consents. Answers whether it existed.
    pub async fn remove_client(&self, id: &str, now: UnixTime) -> Result<bool, StoreError> {
        // Before, so that a crash leaves a client that can be removed again; after, for what was granted meanwhile.
        // defends: revocation-incomplete
        self.end_grants_of_client(id, EndReason::Operator, now).await?;
        let removed = self.rows(Write::RemoveClient(id.to_owned())).await? > 0;
        self.forget_consents_of_client(id).await?;
        self.end_grants_of_client(id, EndReason::Operator, now).await?;
        Ok(removed)
    }

    /// The account with this username, in its one normal form.
    pub async fn user_by_name(&self, username: &str) -> Result<Option<UserRecord>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.user(|user| user.username == username)),
            Backend::Sqlite(sqlite) => sqlite.user_by_name(username),
        }
    }

    /// The account of this subject.
    pub async fn user_by_subject(&self, subject: &str) -> Result<Option<UserRecord>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.user(|user| user.subject == subject)),
            Backend::Sqlite(sqlite) => sqlite.user_by_subject(subject),
        }
    }

    /// Makes an account, or changes the one of the same subject. [`StoreError::Taken`] where another has the username.
    pub async fn put_user(&self, user: UserRecord) -> Result<(), StoreError> {
        match self.write(Write::PutUser(User(Box::new(user)))).await?.1 {
            Outcome::Taken => Err(StoreError::Taken),
            _ => Ok(()),
        }
    }

    /// Takes a better hash of the same password: `to` in place of `from`, and nothing else of the account. Answers whether
    /// `from` was still there. An account that was read before a slow hash may be locked, changed or gone after it.
    pub async fn renew_password(&self, subject: &str, from: &str, to: &str) -> Result<bool, StoreError> {
        let (from, to) = (Secret::new(from.to_owned()), Secret::new(to.to_owned()));
        Ok(self.rows(Write::RenewPassword { subject: subject.to_owned(), from, to }).await? > 0)
    }

    /// All accounts, by username.
    pub async fn users(&self) -> Result<Vec<UserRecord>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.users()),
            Backend::Sqlite(sqlite) => sqlite.users().await,
        }
    }

    /// Locks or unlocks an account: at once, for all its sessions, codes and tokens. Answers whether it exists.
    pub async fn set_user_status(&self, subject: &str, status: OwnerStatus) -> Result<bool, StoreError> {
        Ok(self.rows(Write::SetUserStatus(subject.to_owned(), status)).await? > 0)
    }

    /// Removes an account, its grants, sessions and consents. Answers whether it existed.
    pub async fn remove_user(&self, subject: &str, now: UnixTime) -> Result<bool, StoreError> {
        // defends: revocation-incomplete
        self.end_grants_of_subject(subject, EndReason::Operator, now).await?;
        let removed = self.rows(Write::RemoveUser(subject.to_owned())).await? > 0;
        self.end_sessions_of(subject).await?;
        self.forget_consents_of_subject(subject).await?;
        self.end_grants_of_subject(subject, EndReason::Operator, now).await?;
        Ok(removed)
    }

    /// Keeps an event.
    pub async fn append_event(&self, event: EventRecord) -> Result<(), StoreError> {
        self.rows(Write::Event(Box::new(event))).await.map(drop)
    }

    /// Events, oldest first: the last `limit`, or the first `limit` of those after `after`.
    pub async fn events(&self, after: Option<Id>, limit: usize) -> Result<Vec<EventRecord>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.events(after, limit)),
            Backend::Sqlite(sqlite) => sqlite.events(after, limit),
        }
    }

    /// The newest id that was ever drawn on the way of a request and is still kept: a process that starts draws later ones.
    pub async fn newest_id(&self) -> Result<Option<Id>, StoreError> {
        match &self.backend {
            Backend::Memory(_) => Ok(None),
            Backend::Sqlite(sqlite) => sqlite.newest_id(),
        }
    }

    /// Removes some of what nobody can use any more; answers how many rows. Call it again soon while it answers `limit` or
    /// more. Only space is won by it: whatever has expired counts as expired whether it was swept or not.
    pub async fn sweep(&self, now: UnixTime, limit: usize) -> Result<usize, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.sweep(now, limit)),
            Backend::Sqlite(sqlite) => sqlite.sweep(now, limit).await,
        }
    }

    /// Writes something and waits until it is on disk: whether the store can work right now.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.rows(Write::Probe).await.map(drop)
    }

    /// Writes a consistent copy to a new file (mode 0600) while work goes on. Errors where the file exists, and for a store in
    /// memory.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Memory(_) => Err(StoreError::Failed("a store in memory has no backup".to_owned())),
            Backend::Sqlite(sqlite) => sqlite.backup(to).await,
        }
    }

    /// Finishes what is queued, brings the file into its resting form and stops. Verbs that write fail afterwards with
    /// [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Memory(_) => Ok(()),
            Backend::Sqlite(sqlite) => sqlite.close().await,
        }
    }
}
