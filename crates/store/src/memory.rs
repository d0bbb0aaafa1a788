//! The ledger in memory: the same verbs in plain code, for tests and as the reading of what the SQL means.

mod reads;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jose::UnixTime;
use protocol::authorize::CodePlan;
use protocol::handle::Id;
use protocol::record::{
    AccessRecord, CodeRecord, CodeState, ConsentRecord, EndReason, EventRecord, GrantRecord, OwnerStatus, ParkedRecord,
    RefreshRecord, RefreshState, SessionRecord, UserRecord,
};
use protocol::registration::RegisteredClient;
use protocol::token::{IssuePlan, Spend};

use crate::write::{Caps, Kind, Outcome, Whose, Write};

/// Events that are kept.
const KEPT_EVENTS: usize = 10_000;

#[derive(Default)]
pub(crate) struct Memory {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    access: BTreeMap<Id, AccessRecord>,
    assertions: BTreeMap<[u8; 32], UnixTime>,
    clients: BTreeMap<String, Arc<RegisteredClient>>,
    codes: BTreeMap<Id, (Id, CodeRecord)>,
    consents: BTreeMap<(String, String), ConsentRecord>,
    events: BTreeMap<Id, EventRecord>,
    grants: BTreeMap<Id, (GrantRecord, Option<EndReason>)>,
    parked: BTreeMap<Id, ParkedRecord>,
    refresh: BTreeMap<Id, (Id, RefreshRecord)>,
    revoked: BTreeMap<Id, UnixTime>,
    sessions: BTreeMap<Id, SessionRecord>,
    users: BTreeMap<String, UserRecord>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One change under one lock: nobody sees half of it.
    pub(crate) fn write(&self, write: Write) -> (Write, Outcome) {
        let outcome = self.lock().apply(&write);
        (write, outcome)
    }

    pub(crate) fn sweep(&self, now: UnixTime, limit: usize) -> usize {
        self.lock().sweep(now, limit)
    }
}

fn won(changed: bool) -> Outcome {
    Outcome::Won(usize::from(changed))
}

impl State {
    fn apply(&mut self, write: &Write) -> Outcome {
        match write {
            Write::BurnCode(id) => match self.codes.get_mut(id) {
                Some((_, code)) if code.state == CodeState::Active => {
                    code.state = CodeState::Burned;
                    won(true)
                }
                _ => won(false),
            },
            Write::Code(plan) => self.code(plan),
            Write::Confirm { grant, token } => match self.grants.get_mut(grant) {
                Some((grant, _)) if grant.confirmed < *token => {
                    grant.confirmed = *token;
                    won(true)
                }
                _ => won(false),
            },
            Write::EndGrants { ids, reason, now } => {
                Outcome::Won(ids.iter().filter(|id| self.end_grant(**id, *reason, *now)).count())
            }
            Write::EndSessions(ids) => Outcome::Won(ids.iter().filter(|id| self.sessions.remove(id).is_some()).count()),
            Write::Event(event) => {
                self.events.insert(event.id, (**event).clone());
                won(true)
            }
            Write::ExtendSession { id, expires } => match self.sessions.get_mut(id) {
                Some(session) => {
                    session.expires = *expires;
                    won(true)
                }
                None => won(false),
            },
            // defends: client-assertion-replay
            Write::FirstUse(id) if self.assertions.contains_key(&id.hash) => won(false),
            Write::FirstUse(id) => won(self.assertions.insert(id.hash, id.until).is_none()),
            Write::ForgetConsents(whose) => {
                let before = self.consents.len();
                self.consents.retain(|(subject, client), _| match whose {
                    Whose::Client(id) => client != id,
                    Whose::Subject(id) => subject != id,
                });
                Outcome::Won(before - self.consents.len())
            }
            Write::Issue(plan) => self.issue(plan),
            Write::Park(record, caps) => self.park(record, *caps),
            Write::Probe => won(true),
            Write::PutClient(client) => {
                self.clients.insert(client.id().to_owned(), Arc::clone(client));
                won(true)
            }
            Write::PutSession { session, checked } => {
                let counts = self
                    .users
                    .get(&session.subject)
                    .is_some_and(|user| user.status == OwnerStatus::Active && user.password == *checked.expose());
                won(counts && {
                    self.sessions.insert(session.id, (**session).clone());
                    true
                })
            }
            Write::PutUser(user) => self.put_user(&user.0),
            Write::RemoveClient(id) => won(self.clients.remove(id).is_some()),
            Write::RemoveUser(subject) => won(self.users.remove(subject).is_some()),
            Write::RenewPassword { subject, from, to } => match self.users.get_mut(subject) {
                Some(user) if user.password == *from.expose() => {
                    user.password.clone_from(to.expose());
                    won(true)
                }
                _ => won(false),
            },
            Write::RevokeAccess { id, expires, now } => {
                let deleted = self.access.remove(id).is_some();
                won(deleted || (*expires >= *now && self.revoked.insert(*id, *expires).is_none()))
            }
            Write::SetUserStatus(subject, status) => match self.users.get_mut(subject) {
                Some(user) => {
                    user.status = *status;
                    won(true)
                }
                None => won(false),
            },
            // Nobody queues these here: see `sweep`.
            Write::Sweep { .. } | Write::SweepKeyless { .. } => won(false),
            Write::TakeParked { id, browser } => match self.parked.get(id) {
                // defends: cross-user-session-fixation
                Some(record) if record.browser.matches(browser) => match self.parked.remove(id) {
                    Some(record) => Outcome::Parked(Box::new(record)),
                    None => Outcome::Lost,
                },
                _ => Outcome::Lost,
            },
        }
    }

    fn code(&mut self, plan: &CodePlan) -> Outcome {
        if let Some(parked) = plan.take_parked
            && self.parked.remove(&parked).is_none()
        {
            return Outcome::Lost;
        }
        self.grants.insert(plan.grant.id, (plan.grant.clone(), None));
        self.codes.insert(plan.code.id, (plan.grant.id, plan.code.clone()));
        if let Some(consent) = &plan.remember {
            self.consents.insert((consent.subject.clone(), consent.client_id.clone()), consent.clone());
        }
        won(true)
    }

    fn issue(&mut self, plan: &IssuePlan) -> Outcome {
        if !self.spend(plan) {
            return Outcome::Lost;
        }
        if let (Some(refresh), Some(touch)) = (&plan.refresh, plan.grant)
            && let Some((id, hash)) = refresh.stored()
        {
            let record = RefreshRecord { id, hash, expires: refresh.expires, state: RefreshState::Active };
            self.refresh.insert(id, (touch.id, record));
        }
        if let Some(access) = plan.access.stored() {
            self.access.insert(access.id, access.clone());
        }
        if let Some(touch) = plan.grant
            && let Some((grant, _)) = self.grants.get_mut(&touch.id)
        {
            grant.expires = touch.expires.unwrap_or(grant.expires);
            grant.last_used = touch.last_used.unwrap_or(grant.last_used);
        }
        won(true)
    }

    /// Uses up what the plan uses up, if everything is still as it was when it was peeked at.
    fn spend(&mut self, plan: &IssuePlan) -> bool {
        let now = plan.access.record.issued;
        let successor = plan.refresh.as_ref().and_then(|refresh| refresh.stored()).map_or(Id::NONE, |(id, _)| id);
        let alive = |state: &State, id: Id| {
            state
                .grants
                .get(&id)
                .filter(|(grant, _)| grant.ended.is_none() && grant.expires > now)
                .map(|(grant, _)| grant.confirmed)
        };
        match plan.spend {
            Spend::Nothing => true,
            // defends: code-exchange-race, code-replay
            Spend::Code { id, grant } => {
                let alive = alive(self, grant).is_some();
                match self.codes.get_mut(&id) {
                    Some((of, code)) if alive && *of == grant && code.state == CodeState::Active => {
                        code.state = CodeState::Spent;
                        true
                    }
                    _ => false,
                }
            }
            // defends: refresh-rotation-race, refresh-token-replay
            Spend::Rotate { id, grant } => {
                let alive = alive(self, grant).is_some();
                alive
                    && self.refresh_of(id, grant, RefreshState::Active, |token| {
                        token.state = RefreshState::Rotated(successor);
                    })
            }
            // defends: refresh-rotation-race
            Spend::Reanswer { id, superseding, grant } => {
                let unseen = alive(self, grant).is_some_and(|confirmed| confirmed < superseding);
                let rotated = RefreshState::Rotated(superseding);
                unseen
                    && self.refresh_of(id, grant, rotated, |_| {})
                    && self.refresh_of(superseding, grant, RefreshState::Active, |token| {
                        token.state = RefreshState::Superseded;
                    })
                    && self.refresh_of(id, grant, rotated, |token| token.state = RefreshState::Rotated(successor))
            }
            Spend::Reuse { id, grant } => {
                let alive = alive(self, grant).is_some();
                let expires = plan.refresh.as_ref().map(|refresh| refresh.expires);
                alive
                    && self.refresh_of(id, grant, RefreshState::Active, |token| {
                        token.expires = expires.unwrap_or(token.expires);
                    })
            }
        }
    }

    /// Changes a token if it is of this grant and in this state; answers whether it was.
    fn refresh_of(&mut self, id: Id, grant: Id, state: RefreshState, change: impl FnOnce(&mut RefreshRecord)) -> bool {
        match self.refresh.get_mut(&id) {
            Some((of, token)) if *of == grant && token.state == state => {
                change(token);
                true
            }
            _ => false,
        }
    }

    fn end_grant(&mut self, id: Id, reason: EndReason, now: UnixTime) -> bool {
        match self.grants.get_mut(&id) {
            Some((grant, why)) if grant.ended.is_none() => {
                grant.ended = Some(now);
                *why = Some(reason);
                true
            }
            _ => false,
        }
    }

    fn park(&mut self, record: &ParkedRecord, caps: Caps) -> Outcome {
        let mut own = self.parked.values().filter(|have| have.browser == record.browser).map(|have| have.id);
        let oldest = own.next();
        let count = oldest.map_or(0, |_| 1 + own.count());
        match oldest {
            Some(oldest) if count >= caps.per_browser.max(1) as usize => drop(self.parked.remove(&oldest)),
            _ if self.parked.len() >= caps.total as usize => return Outcome::Capped,
            _ => {}
        }
        self.parked.insert(record.id, record.clone());
        won(true)
    }

    fn put_user(&mut self, user: &UserRecord) -> Outcome {
        if self.users.values().any(|have| have.username == user.username && have.subject != user.subject) {
            return Outcome::Taken;
        }
        let created = self.users.get(&user.subject).map_or(user.created, |have| have.created);
        self.users.insert(user.subject.clone(), UserRecord { created, ..user.clone() });
        won(true)
    }

    fn sweep(&mut self, now: UnixTime, limit: usize) -> usize {
        let mut removed = 0;
        for kind in Kind::ALL {
            removed += match kind {
                Kind::Access => prune(&mut self.access, limit, |token| token.expires < now),
                // defends: code-replay
                Kind::Code => prune(&mut self.codes, limit, |(grant, code)| {
                    code.expires < now && (code.state != CodeState::Spent || !self.grants.contains_key(grant))
                }),
                Kind::Grant => prune(&mut self.grants, limit, |(grant, _)| grant.expires < now),
                Kind::Parked => prune(&mut self.parked, limit, |record| record.expires < now),
                Kind::Refresh => prune(&mut self.refresh, limit, |(_, token)| token.expires < now),
                Kind::Revoked => prune(&mut self.revoked, limit, |expires| *expires < now),
                Kind::Session => prune(&mut self.sessions, limit, |session| session.expires < now),
            };
        }
        removed += prune(&mut self.assertions, limit, |until| *until < now);
        removed += prune(&mut self.consents, limit, |consent| consent.expires < now);
        let beyond = self.events.len().saturating_sub(KEPT_EVENTS).min(limit);
        removed + prune(&mut self.events, beyond, |_| true)
    }
}

/// Removes at most `limit` entries that are dead, the oldest first.
fn prune<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, limit: usize, dead: impl Fn(&V) -> bool) -> usize {
    let keys: Vec<K> = map.iter().filter(|(_, value)| dead(value)).take(limit).map(|(key, _)| key.clone()).collect();
    keys.iter().for_each(|key| drop(map.remove(key)));
    keys.len()
}
