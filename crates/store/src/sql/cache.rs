//! Committed rows that were written or read lately, so that most requests read no SQL at all.
//!
//! The writer brings the cache up to date after each commit and before it answers. A reader that misses notes the
//! generation, reads SQL, and may keep what it read only if the generation is still the same: what it read may by then
//! have been changed or ended, and would otherwise stay alive here.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use protocol::handle::Id;
use protocol::record::{
    AccessRecord, CodeRecord, CodeState, ConsentRecord, GrantRecord, Owner, OwnerStatus, PeekedAccess, PeekedCode,
    PeekedRefresh, RefreshRecord, RefreshState, SessionRecord,
};
use protocol::registration::RegisteredClient;
use protocol::token::{IssuePlan, Spend};

use super::generations::Generations;
use super::people::owner_of;
use crate::write::{Kind, Outcome, Write};

/// A lookup: the value, or the generation in which it was missing.
type Found<T> = Result<T, u64>;

pub(super) struct Cache {
    rows: RwLock<Rows>,
    capacity: usize,
}

pub(super) struct Rows {
    generation: u64,
    access: Generations<Id, AccessRecord>,
    clients: Generations<String, Arc<RegisteredClient>>,
    codes: Generations<Id, (Id, CodeRecord)>,
    consents: Generations<(String, String), ConsentRecord>,
    grants: Generations<Id, GrantRecord>,
    owners: Generations<String, Owner>,
    refresh: Generations<Id, (Id, RefreshRecord)>,
    sessions: Generations<Id, SessionRecord>,
}

impl Cache {
    /// `capacity` rows of each kind at least, twice as many at most.
    pub(super) fn new(capacity: usize) -> Cache {
        Cache { rows: RwLock::new(Rows::new(0, capacity)), capacity }
    }

    /// Forgets everything: after a fault nobody knows what it missed.
    pub(super) fn clear(&self) {
        let mut rows = self.lock();
        *rows = Rows::new(rows.generation + 1, self.capacity);
    }

    fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> RwLockWriteGuard<'_, Rows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was read from SQL after `generation` was noted, unless anything changed since.
    pub(super) fn fill(&self, generation: u64, keep: impl FnOnce(&mut Rows)) {
        let mut rows = self.lock();
        // defends: revocation-incomplete
        if rows.generation == generation {
            keep(&mut rows);
        }
    }

    fn find<T>(&self, find: impl FnOnce(&Rows) -> Option<T>) -> Found<T> {
        let rows = self.read();
        find(&rows).ok_or(rows.generation)
    }

    pub(super) fn code(&self, id: Id) -> Found<PeekedCode> {
        self.find(|rows| {
            let (grant, code) = rows.codes.get(&id)?;
            let (grant, owner) = rows.grant(*grant)?;
            Some(PeekedCode { code: code.clone(), grant: grant.clone(), owner: owner.clone() })
        })
    }

    pub(super) fn refresh(&self, id: Id) -> Found<PeekedRefresh> {
        self.find(|rows| {
            let (grant, token) = rows.refresh.get(&id)?;
            let (grant, owner) = rows.grant(*grant)?;
            let successor = match token.state {
                // It may be there and only not be cached.
                RefreshState::Rotated(next) => Some(rows.refresh.get(&next)?.1.state),
                RefreshState::Active | RefreshState::Superseded => None,
            };
            Some(PeekedRefresh { token: token.clone(), successor, grant: grant.clone(), owner: owner.clone() })
        })
    }

    pub(super) fn access(&self, id: Id) -> Found<PeekedAccess> {
        self.find(|rows| {
            let token = rows.access.get(&id)?;
            if token.grant == Id::NONE {
                return Some(PeekedAccess { token: token.clone(), grant: None, owner: None });
            }
            let (grant, owner) = rows.grant(token.grant)?;
            Some(PeekedAccess { token: token.clone(), grant: Some(grant.clone()), owner: Some(owner.clone()) })
        })
    }

    pub(super) fn grant(&self, id: Id) -> Found<(GrantRecord, Owner)> {
        self.find(|rows| rows.grant(id).map(|(grant, owner)| (grant.clone(), owner.clone())))
    }

    pub(super) fn client(&self, id: &str) -> Found<Arc<RegisteredClient>> {
        self.find(|rows| rows.clients.get(id).cloned())
    }

    pub(super) fn consent(&self, subject: &str, client_id: &str) -> Found<ConsentRecord> {
        let key = (subject.to_owned(), client_id.to_owned());
        self.find(|rows| rows.consents.get(&key).cloned())
    }

    pub(super) fn session(&self, id: Id) -> Found<(SessionRecord, OwnerStatus)> {
        self.find(|rows| {
            let session = rows.sessions.get(&id)?;
            Some((session.clone(), rows.owners.get(&session.subject)?.status))
        })
    }

    /// Brings the cache up to date with a change that was committed. Every assignment here is of the committed value itself,
    /// so a reader that saw a later commit in SQL and kept it does no harm: the later change still comes by.
    pub(super) fn apply(&self, write: &Write, outcome: &Outcome) {
        // What changed no row changed nothing here either.
        let Outcome::Won(1..) = outcome else { return };
        let mut rows = self.lock();
        rows.generation += 1;
        match write {
            Write::BurnCode(id) => rows.codes.remove(id),
            Write::Code(plan) => {
                rows.keep_grant(plan.grant.clone());
                rows.keep_code(plan.grant.id, plan.code.clone());
                if let Some(consent) = &plan.remember {
                    rows.keep_consent(consent.clone());
                }
            }
            Write::Confirm { grant, token } => {
                if let Some(grant) = rows.grants.get_mut(grant) {
                    grant.confirmed = grant.confirmed.max(*token);
                }
            }
            Write::EndGrants { ids, .. } => ids.iter().for_each(|id| rows.grants.remove(id)),
            Write::EndSessions(ids) => ids.iter().for_each(|id| rows.sessions.remove(id)),
            Write::ExtendSession { id, expires } => {
                if let Some(session) = rows.sessions.get_mut(id) {
                    session.expires = *expires;
                }
            }
            Write::ForgetConsents(_) => rows.consents.clear(),
            Write::Issue(plan) => rows.issue(plan),
            Write::PutClient(client) => rows.keep_client(Arc::clone(client)),
            Write::PutSession { session, .. } => rows.keep_session((**session).clone()),
            Write::PutUser(user) => rows.keep_owner(owner_of(&user.0)),
            Write::RemoveClient(id) => rows.clients.remove(id.as_str()),
            Write::RemoveUser(subject) | Write::SetUserStatus(subject, _) => rows.owners.remove(subject.as_str()),
            Write::RevokeAccess { id, .. } => rows.access.remove(id),
            Write::Sweep { kind, ids, .. } => ids.iter().for_each(|id| rows.forget(*kind, id)),
            // A consent that has expired is swept, and its reader looks at the expiry.
            Write::Event(_)
            | Write::FirstUse(_)
            | Write::Park(..)
            | Write::Probe
            | Write::RenewPassword { .. }
            | Write::SweepKeyless { .. }
            | Write::TakeParked { .. } => {}
        }
    }
}

impl Rows {
    fn new(generation: u64, capacity: usize) -> Rows {
        Rows {
            generation,
            access: Generations::new(capacity),
            clients: Generations::new(capacity),
            codes: Generations::new(capacity),
            consents: Generations::new(capacity),
            grants: Generations::new(capacity),
            owners: Generations::new(capacity),
            refresh: Generations::new(capacity),
            sessions: Generations::new(capacity),
        }
    }

    fn grant(&self, id: Id) -> Option<(&GrantRecord, &Owner)> {
        let grant = self.grants.get(&id)?;
        Some((grant, self.owners.get(&grant.subject)?))
    }

    pub(super) fn keep_access(&mut self, token: AccessRecord) {
        self.access.insert(token.id, token);
    }

    pub(super) fn keep_client(&mut self, client: Arc<RegisteredClient>) {
        self.clients.insert(client.id().to_owned(), client);
    }

    pub(super) fn keep_code(&mut self, grant: Id, code: CodeRecord) {
        self.codes.insert(code.id, (grant, code));
    }

    pub(super) fn keep_consent(&mut self, consent: ConsentRecord) {
        self.consents.insert((consent.subject.clone(), consent.client_id.clone()), consent);
    }

    pub(super) fn keep_grant(&mut self, grant: GrantRecord) {
        self.grants.insert(grant.id, grant);
    }

    pub(super) fn keep_owner(&mut self, owner: Owner) {
        self.owners.insert(owner.subject.clone(), owner);
    }

    pub(super) fn keep_refresh(&mut self, grant: Id, token: RefreshRecord) {
        self.refresh.insert(token.id, (grant, token));
    }

    pub(super) fn keep_session(&mut self, session: SessionRecord) {
        self.sessions.insert(session.id, session);
    }

    fn issue(&mut self, plan: &IssuePlan) {
        let successor = plan.refresh.as_ref().and_then(|refresh| refresh.stored()).map_or(Id::NONE, |(id, _)| id);
        match plan.spend {
            Spend::Code { id, .. } => {
                if let Some((_, code)) = self.codes.get_mut(&id) {
                    code.state = CodeState::Spent;
                }
            }
            Spend::Nothing => {}
            Spend::Reanswer { id, superseding, .. } => {
                if let Some((_, token)) = self.refresh.get_mut(&id) {
                    token.state = RefreshState::Rotated(successor);
                }
                if let Some((_, token)) = self.refresh.get_mut(&superseding) {
                    token.state = RefreshState::Superseded;
                }
            }
            Spend::Reuse { id, .. } => {
                if let (Some((_, token)), Some(refresh)) = (self.refresh.get_mut(&id), &plan.refresh) {
                    token.expires = refresh.expires;
                }
            }
            Spend::Rotate { id, .. } => {
                if let Some((_, token)) = self.refresh.get_mut(&id) {
                    token.state = RefreshState::Rotated(successor);
                }
            }
        }
        if let (Some(refresh), Some(grant)) = (&plan.refresh, plan.grant)
            && let Some((id, hash)) = refresh.stored()
        {
            self.keep_refresh(
                grant.id,
                RefreshRecord { id, hash, expires: refresh.expires, state: RefreshState::Active },
            );
        }
        if let Some(access) = plan.access.stored() {
            self.keep_access(access.clone());
        }
        if let Some(touch) = plan.grant
            && let Some(grant) = self.grants.get_mut(&touch.id)
        {
            grant.expires = touch.expires.unwrap_or(grant.expires);
            grant.last_used = touch.last_used.unwrap_or(grant.last_used);
        }
    }

    fn forget(&mut self, kind: Kind, id: &Id) {
        match kind {
            Kind::Access => self.access.remove(id),
            Kind::Code => self.codes.remove(id),
            Kind::Grant => self.grants.remove(id),
            Kind::Refresh => self.refresh.remove(id),
            Kind::Session => self.sessions.remove(id),
            Kind::Parked | Kind::Revoked => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use jose::UnixTime;
    use protocol::handle::SecretHash;
    use protocol::record::EndReason;
    use protocol::scope::ScopeSet;

    use super::*;

    fn token(id: u64) -> AccessRecord {
        AccessRecord {
            id: Id(id),
            hash: SecretHash([1; 32]),
            grant: Id::NONE,
            client_id: "robot".to_owned(),
            subject: "robot".to_owned(),
            scope: ScopeSet::EMPTY,
            audience: Vec::new(),
            issued: UnixTime(0),
            expires: UnixTime(9),
        }
    }

    #[test]
    fn revocation_incomplete_a_reader_that_comes_late_keeps_nothing() {
        let cache = Cache::new(10);
        let generation = cache.access(Id(1)).expect_err("nothing is here yet");
        // While the reader looks at SQL, the token ends.
        let end = Write::RevokeAccess { id: Id(1), expires: UnixTime(9), now: UnixTime(1) };
        cache.apply(&end, &Outcome::Won(1));
        cache.fill(generation, |rows| rows.keep_access(token(1)));
        let generation = cache.access(Id(1)).expect_err("what was read before the end is not kept");
        cache.fill(generation, |rows| rows.keep_access(token(1)));
        cache.access(Id(1)).expect("nothing happened in between");
        let lost = Write::EndGrants { ids: vec![Id(5)], reason: EndReason::Owner, now: UnixTime(1) };
        cache.apply(&lost, &Outcome::Won(0));
        cache.access(Id(1)).expect("a change of nothing changes nothing");
        cache.clear();
        cache.access(Id(1)).expect_err("cleared");
    }

    #[test]
    fn what_is_removed_does_not_come_back_from_the_older_half() {
        let cache = Cache::new(2);
        let keep = |id| {
            let generation = cache.find(|rows| (rows.generation == u64::MAX).then_some(())).expect_err("never");
            cache.fill(generation, |rows| rows.keep_access(token(id)));
        };
        for id in [1, 2, 3, 1] {
            keep(id);
        }
        let end = Write::RevokeAccess { id: Id(1), expires: UnixTime(9), now: UnixTime(1) };
        cache.apply(&end, &Outcome::Won(1));
        cache.access(Id(1)).expect_err("removed from both halves");
        for id in 10..20 {
            keep(id);
        }
        cache.access(Id(3)).expect_err("bounded: the oldest are gone");
        cache.access(Id(19)).expect("the newest is here");
    }
}
