//! The verbs of issuing and using tokens. The only file that may say `Committed` and `FirstUse`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jose::UnixTime;
use protocol::authorize::CodePlan;
use protocol::client_auth::VerifiedAssertion;
use protocol::grants::{Peeked, Source};
use protocol::handle::{Id, PresentedHandle, SecretHash};
use protocol::inspect::{PresentedToken, Revocation};
use protocol::proofs::{Committed, FirstUse};
use protocol::record::{EndReason, GrantRecord, ParkedRecord, PeekedAccess, PeekedRefresh};
use protocol::token::{Consequence, IssuePlan, Spend};

use crate::error::{NotCommitted, StoreError};
use crate::memory::Memory;
use crate::sql::{Sqlite, SqliteOptions};
use crate::write::{Caps, GrantFilter, Outcome, Write};

/// Everything the server has to remember. Cheap to clone; all clones are one store.
///
/// A verb that changes something answers after the change is on disk, and its doc says what it compares before it
/// changes. An error means that nothing was changed, or, where a disk failed in the middle, that nobody was told.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) backend: Backend,
}

#[derive(Clone)]
pub(crate) enum Backend {
    Memory(Arc<Memory>),
    Sqlite(Arc<Sqlite>),
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.backend {
            Backend::Memory(_) => "Ledger(memory)",
            Backend::Sqlite(_) => "Ledger(sqlite)",
        })
    }
}

impl Ledger {
    /// A store that is gone with the process: for tests.
    pub fn memory() -> Ledger {
        Ledger { backend: Backend::Memory(Arc::new(Memory::default())) }
    }

    /// Opens the file, makes it (mode 0600) if it is missing, and brings its schema up to date. Blocks.
    ///
    /// One process at a time may have the store open: a second one would not see what the first keeps in its cache.
    /// Errors: [`StoreError::NewerSchema`] for a file of a newer release, [`StoreError::ReadOnly`].
    pub fn open_sqlite(path: &Path, options: SqliteOptions) -> Result<Ledger, StoreError> {
        Ok(Ledger { backend: Backend::Sqlite(Arc::new(Sqlite::open(path, options)?)) })
    }

    pub(crate) async fn write(&self, write: Write) -> Result<(Write, Outcome), StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.write(write)),
            Backend::Sqlite(sqlite) => sqlite.write(write).await,
        }
    }

    pub(crate) async fn rows(&self, write: Write) -> Result<usize, StoreError> {
        Ok(self.write(write).await?.1.rows())
    }

    /// Reads what a token request stands on, with its grant and person, as of one moment. It gives no right to anything:
    /// what is read here is compared again when the plan made of it is committed. Expired rows may still be returned.
    pub async fn peek(&self, source: Source) -> Result<Peeked, StoreError> {
        Ok(match source {
            Source::Nothing => Peeked::Nothing,
            Source::Refresh(handle) => Peeked::Refresh(self.peek_refresh(&handle).await?.map(Box::new)),
            Source::Code(handle) => Peeked::Code(
                match &self.backend {
                    Backend::Memory(memory) => memory.peek_code(handle.id()),
                    Backend::Sqlite(sqlite) => sqlite.peek_code(handle.id())?,
                }
                .map(Box::new),
            ),
        })
    }

    /// Reads a refresh token as [`Ledger::peek`] does. The hash is compared by whoever decides.
    pub async fn peek_refresh(&self, handle: &PresentedHandle) -> Result<Option<PeekedRefresh>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.peek_refresh(handle.id())),
            Backend::Sqlite(sqlite) => sqlite.peek_refresh(handle.id()),
        }
    }

    /// Reads what decides whether an access token counts. `None`: unknown, revoked, or its person is gone. A refresh token
    /// is none. The hash of an opaque token is compared by whoever decides.
    pub async fn peek_token(&self, token: &PresentedToken) -> Result<Option<PeekedAccess>, StoreError> {
        match (token, &self.backend) {
            (PresentedToken::Refresh(_), _) => Ok(None),
            (PresentedToken::Access(handle), Backend::Memory(memory)) => Ok(memory.peek_access(handle.id())),
            (PresentedToken::Access(handle), Backend::Sqlite(sqlite)) => sqlite.peek_access(handle.id()),
            (PresentedToken::Jwt(record), Backend::Memory(memory)) => Ok(memory.peek_jwt(record)),
            (PresentedToken::Jwt(record), Backend::Sqlite(sqlite)) => sqlite.peek_jwt(record),
        }
    }

    /// Writes grant and code, and the consent to remember. Lost if the parked request is gone: of two presses on "allow"
    /// one wins.
    pub async fn commit_code(&self, plan: CodePlan) -> Result<Committed<CodePlan>, NotCommitted> {
        match self.write(Write::Code(Box::new(plan))).await? {
            (Write::Code(plan), Outcome::Won(_)) => Ok(Committed::assertion(*plan)),
            _ => Err(NotCommitted::Lost),
        }
    }

    /// Spends what the plan spends, by compare-and-set, and writes what comes of it. Of many plans that spend one thing
    /// exactly one is committed, whatever was peeked before; the rest are [`NotCommitted::Lost`].
    ///
    /// A plan that neither spends nor stores anything is committed without touching the store.
    pub async fn commit(&self, plan: IssuePlan) -> Result<Committed<IssuePlan>, NotCommitted> {
        let stores = plan.access.stored().is_some() || plan.refresh.is_some() || plan.grant.is_some();
        if plan.spend == Spend::Nothing && !stores {
            return Ok(Committed::assertion(plan));
        }
        match self.write(Write::Issue(Box::new(plan))).await? {
            (Write::Issue(plan), Outcome::Won(_)) => Ok(Committed::assertion(*plan)),
            _ => Err(NotCommitted::Lost),
        }
    }

    /// Does what a refusal leads to. Answers whether anything changed: a code is burned only if it was active, a grant ends
    /// only if it had not ended.
    pub async fn carry_out(&self, consequence: Consequence, now: UnixTime) -> Result<bool, StoreError> {
        match consequence {
            Consequence::BurnCode(id) => Ok(self.rows(Write::BurnCode(id)).await? > 0),
            Consequence::EndGrant(id, reason) => self.end_grant(id, reason, now).await,
            Consequence::Nothing => Ok(false),
        }
    }

    /// Notes that `token`, issued from `grant`, was seen in use: the answer that carried it has arrived.
    pub async fn confirm(&self, grant: Id, token: Id) -> Result<(), StoreError> {
        self.rows(Write::Confirm { grant, token }).await.map(drop)
    }

    /// Ends what a client gave back. Answers whether anything changed.
    pub async fn revoke(&self, revocation: Revocation, now: UnixTime) -> Result<bool, StoreError> {
        match revocation {
            Revocation::Access { id, expires } => Ok(self.rows(Write::RevokeAccess { id, expires, now }).await? > 0),
            Revocation::Grant(id, reason) => self.end_grant(id, reason, now).await,
            Revocation::Foreign | Revocation::Nothing => Ok(false),
        }
    }

    /// Remembers an assertion until it can no longer be used. `None`: it was seen before.
    pub async fn first_use(
        &self,
        assertion: VerifiedAssertion,
    ) -> Result<Option<FirstUse<VerifiedAssertion>>, StoreError> {
        // The ids are inserted, never looked up first: of two uses at once one wins.  defends: client-assertion-replay
        let first = self.rows(Write::FirstUse(assertion.id().clone())).await? > 0;
        Ok(first.then(|| FirstUse::assertion(assertion)))
    }

    /// Ends a grant with all that came of it. Answers whether it was alive.
    pub async fn end_grant(&self, id: Id, reason: EndReason, now: UnixTime) -> Result<bool, StoreError> {
        Ok(self.rows(Write::EndGrants { ids: vec![id], reason, now }).await? > 0)
    }

    /// Ends all grants of a client that exist now. Answers how many ended. Scans: for operators, not for requests.
    pub async fn end_grants_of_client(
        &self,
        client_id: &str,
        reason: EndReason,
        now: UnixTime,
    ) -> Result<usize, StoreError> {
        let filter = GrantFilter { client_id: Some(client_id.to_owned()), ..GrantFilter::default() };
        self.end_grants(filter, reason, now).await
    }

    /// Ends all grants of a person that exist now. Answers how many ended. Scans: for operators, not for requests.
    pub async fn end_grants_of_subject(
        &self,
        subject: &str,
        reason: EndReason,
        now: UnixTime,
    ) -> Result<usize, StoreError> {
        let filter = GrantFilter { subject: Some(subject.to_owned()), ..GrantFilter::default() };
        self.end_grants(filter, reason, now).await
    }

    async fn end_grants(&self, filter: GrantFilter, reason: EndReason, now: UnixTime) -> Result<usize, StoreError> {
        const STEP: usize = 256;
        let filter = GrantFilter { live_at: Some(now), ..filter };
        let (mut after, mut ended) = (None, 0);
        loop {
            let ids: Vec<Id> = self.grants(&filter, after, STEP).await?.iter().map(|grant| grant.id).collect();
            let Some(last) = ids.last().copied() else { return Ok(ended) };
            after = Some(last);
            ended += self.rows(Write::EndGrants { ids, reason, now }).await?;
        }
    }

    /// Lists grants by rising id, from the one after `after`. Scans: for operators, not for requests.
    pub async fn grants(
        &self,
        filter: &GrantFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<GrantRecord>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.grants(filter, after, limit)),
            Backend::Sqlite(sqlite) => sqlite.grants(filter.clone(), after, limit).await,
        }
    }

    /// Keeps a request that waits for its person. [`StoreError::Busy`] where `caps.total` requests wait already.
    pub async fn park(&self, record: ParkedRecord, caps: Caps) -> Result<(), StoreError> {
        match self.write(Write::Park(Box::new(record), caps)).await?.1 {
            Outcome::Capped => Err(StoreError::Busy),
            _ => Ok(()),
        }
    }

    /// Reads a request that waits. The caller compares browser and expiry: without that, one person could go on with what
    /// another began.
    pub async fn parked(&self, id: Id) -> Result<Option<ParkedRecord>, StoreError> {
        match &self.backend {
            Backend::Memory(memory) => Ok(memory.parked(id)),
            Backend::Sqlite(sqlite) => sqlite.parked(id),
        }
    }

    /// Takes a request away, once, and only for the browser that began it. The caller looks at its expiry.
    pub async fn take_parked(&self, id: Id, browser: &SecretHash) -> Result<Option<ParkedRecord>, StoreError> {
        match self.write(Write::TakeParked { id, browser: *browser }).await?.1 {
            Outcome::Parked(record) => Ok(Some(*record)),
            _ => Ok(None),
        }
    }
}
