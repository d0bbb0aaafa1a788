//! What can be read. Expiry is looked at by whoever decides.

use std::sync::Arc;

use protocol::handle::Id;
use protocol::record::{
    AccessRecord, ConsentRecord, EventRecord, GrantRecord, Owner, OwnerStatus, ParkedRecord, PeekedAccess, PeekedCode,
    PeekedRefresh, RefreshState, SessionRecord, UserRecord,
};
use protocol::registration::RegisteredClient;

use super::{Memory, State};
use crate::write::GrantFilter;

impl State {
    /// A grant with its person. None where the person is gone.
    fn grant(&self, id: Id) -> Option<(GrantRecord, Owner)> {
        let (grant, _) = self.grants.get(&id)?;
        let user = self.users.get(&grant.subject)?;
        let owner = Owner { subject: user.subject.clone(), status: user.status, claims: user.claims.clone() };
        Some((grant.clone(), owner))
    }

    fn access(&self, token: &AccessRecord) -> Option<PeekedAccess> {
        let token = token.clone();
        if !self.grants.contains_key(&token.grant) {
            return Some(PeekedAccess { token, grant: None, owner: None });
        }
        let (grant, owner) = self.grant(token.grant)?;
        Some(PeekedAccess { token, grant: Some(grant), owner: Some(owner) })
    }
}

impl Memory {
    pub(crate) fn peek_code(&self, id: Id) -> Option<PeekedCode> {
        let state = self.lock();
        let (grant, code) = state.codes.get(&id)?;
        let (grant, owner) = state.grant(*grant)?;
        Some(PeekedCode { code: code.clone(), grant, owner })
    }

    pub(crate) fn peek_refresh(&self, id: Id) -> Option<PeekedRefresh> {
        let state = self.lock();
        let (grant, token) = state.refresh.get(&id)?;
        let successor = match token.state {
            RefreshState::Rotated(next) => state.refresh.get(&next).map(|(_, next)| next.state),
            RefreshState::Active | RefreshState::Superseded => None,
        };
        let (grant, owner) = state.grant(*grant)?;
        Some(PeekedRefresh { token: token.clone(), successor, grant, owner })
    }

    pub(crate) fn peek_access(&self, id: Id) -> Option<PeekedAccess> {
        let state = self.lock();
        state.access(state.access.get(&id)?)
    }

    pub(crate) fn peek_jwt(&self, token: &AccessRecord) -> Option<PeekedAccess> {
        let state = self.lock();
        if state.revoked.contains_key(&token.id) { None } else { state.access(token) }
    }

    pub(crate) fn grants(&self, filter: &GrantFilter, after: Option<Id>, limit: usize) -> Vec<GrantRecord> {
        let after = after.unwrap_or(Id::NONE);
        let state = self.lock();
        let grants = state.grants.values().map(|(grant, _)| grant);
        grants.filter(|grant| grant.id > after && filter.passes(grant)).take(limit).cloned().collect()
    }

    pub(crate) fn parked(&self, id: Id) -> Option<ParkedRecord> {
        self.lock().parked.get(&id).cloned()
    }

    pub(crate) fn consent(&self, subject: &str, client_id: &str) -> Option<ConsentRecord> {
        self.lock().consents.get(&(subject.to_owned(), client_id.to_owned())).cloned()
    }

    pub(crate) fn session(&self, id: Id) -> Option<(SessionRecord, OwnerStatus)> {
        let state = self.lock();
        let session = state.sessions.get(&id)?;
        Some((session.clone(), state.users.get(&session.subject)?.status))
    }

    pub(crate) fn sessions_of(&self, subject: &str) -> Vec<Id> {
        self.lock().sessions.values().filter(|session| session.subject == subject).map(|session| session.id).collect()
    }

    pub(crate) fn client(&self, id: &str) -> Option<Arc<RegisteredClient>> {
        self.lock().clients.get(id).cloned()
    }

    pub(crate) fn clients(&self) -> Vec<Arc<RegisteredClient>> {
        self.lock().clients.values().cloned().collect()
    }

    pub(crate) fn user(&self, wanted: impl Fn(&UserRecord) -> bool) -> Option<UserRecord> {
        self.lock().users.values().find(|user| wanted(user)).cloned()
    }

    pub(crate) fn users(&self) -> Vec<UserRecord> {
        let mut users: Vec<UserRecord> = self.lock().users.values().cloned().collect();
        users.sort_by(|one, other| one.username.cmp(&other.username));
        users
    }

    pub(crate) fn events(&self, after: Option<Id>, limit: usize) -> Vec<EventRecord> {
        let state = self.lock();
        match after {
            Some(after) => state.events.values().filter(|event| event.id > after).take(limit).cloned().collect(),
            None => {
                let skip = state.events.len().saturating_sub(limit);
                state.events.values().skip(skip).cloned().collect()
            }
        }
    }
}
