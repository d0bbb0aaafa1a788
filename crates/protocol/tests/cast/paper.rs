//! A ledger on paper: the store's verbs over maps, one after another. The real ones are tested in the store.

use std::collections::{BTreeMap, BTreeSet};

use jose::UnixTime;
use protocol::authorize::CodePlan;
use protocol::client_auth::VerifiedAssertion;
use protocol::grants::{Peeked, Source};
use protocol::handle::Id;
use protocol::inspect::{PresentedToken, Revocation};
use protocol::proofs::{Committed, FirstUse};
use protocol::record::{
    AccessRecord, CodeRecord, CodeState, ConsentRecord, GrantRecord, Owner, PeekedAccess, PeekedCode, PeekedRefresh,
    RefreshRecord, RefreshState,
};
use protocol::token::{Consequence, IssuePlan, Spend};

/// Rows, each with the grant it hangs from.
#[derive(Default)]
pub struct Paper {
    pub owners: BTreeMap<String, Owner>,
    pub grants: BTreeMap<Id, GrantRecord>,
    pub codes: BTreeMap<Id, (CodeRecord, Id)>,
    pub refreshes: BTreeMap<Id, (RefreshRecord, Id)>,
    pub accesses: BTreeMap<Id, AccessRecord>,
    pub revoked: BTreeSet<Id>,
    pub parked: BTreeSet<Id>,
    pub consents: Vec<ConsentRecord>,
    pub seen: BTreeSet<[u8; 32]>,
}

impl Paper {
    /// Writes grant and code, unless the request was finished before.
    pub fn commit_code(&mut self, plan: CodePlan) -> Option<Committed<CodePlan>> {
        if let Some(parked) = plan.take_parked
            && !self.parked.remove(&parked)
        {
            return None;
        }
        self.codes.insert(plan.code.id, (plan.code.clone(), plan.grant.id));
        self.grants.insert(plan.grant.id, plan.grant.clone());
        self.consents.extend(plan.remember.clone());
        Some(Committed::assertion(plan))
    }

    fn owner_of(&self, grant: &GrantRecord) -> Owner {
        self.owners[&grant.subject].clone()
    }

    pub fn peek(&self, source: Source) -> Peeked {
        match source {
            Source::Nothing => Peeked::Nothing,
            Source::Code(handle) => Peeked::Code(self.codes.get(&handle.id()).map(|(code, grant)| {
                let grant = self.grants[grant].clone();
                Box::new(PeekedCode { code: code.clone(), owner: self.owner_of(&grant), grant })
            })),
            Source::Refresh(handle) => Peeked::Refresh(self.peek_refresh(handle.id()).map(Box::new)),
        }
    }

    pub fn peek_refresh(&self, id: Id) -> Option<PeekedRefresh> {
        let (token, grant) = self.refreshes.get(&id)?;
        let successor = match token.state {
            RefreshState::Rotated(next) => self.refreshes.get(&next).map(|(next, _)| next.state),
            _ => None,
        };
        let grant = self.grants[grant].clone();
        Some(PeekedRefresh { token: token.clone(), successor, owner: self.owner_of(&grant), grant })
    }

    pub fn peek_access(&self, token: &PresentedToken) -> Option<PeekedAccess> {
        let token = match token {
            PresentedToken::Access(handle) => self.accesses.get(&handle.id())?.clone(),
            PresentedToken::Jwt(record) => (**record).clone(),
            PresentedToken::Refresh(_) => return None,
        };
        if self.revoked.contains(&token.id) {
            return None;
        }
        let grant = self.grants.get(&token.grant).cloned();
        let owner = grant.as_ref().map(|grant| self.owner_of(grant));
        Some(PeekedAccess { token, grant, owner })
    }

    /// Compare-and-set, then the inserts. `None`: somebody was faster.
    pub fn commit(&mut self, plan: IssuePlan) -> Option<Committed<IssuePlan>> {
        let successor = plan.refresh.as_ref().and_then(|refresh| refresh.stored());
        match plan.spend {
            Spend::Nothing => {}
            Spend::Code { id, .. } => {
                let code = &mut self.codes.get_mut(&id)?.0;
                (code.state == CodeState::Active).then(|| code.state = CodeState::Spent)?;
            }
            Spend::Rotate { id, .. } => {
                let token = &mut self.refreshes.get_mut(&id)?.0;
                (token.state == RefreshState::Active).then_some(())?;
                token.state = RefreshState::Rotated(successor?.0);
            }
            Spend::Reanswer { id, superseding, .. } => {
                (self.refreshes.get(&superseding)?.0.state == RefreshState::Active).then_some(())?;
                let token = &mut self.refreshes.get_mut(&id)?.0;
                (token.state == RefreshState::Rotated(superseding)).then_some(())?;
                token.state = RefreshState::Rotated(successor?.0);
                self.refreshes.get_mut(&superseding)?.0.state = RefreshState::Superseded;
            }
            Spend::Reuse { id, .. } => {
                let token = &mut self.refreshes.get_mut(&id)?.0;
                (token.state == RefreshState::Active).then_some(())?;
                token.expires = plan.refresh.as_ref()?.expires;
            }
        }
        if let Some(touch) = plan.grant {
            let grant = self.grants.get_mut(&touch.id)?;
            grant.expires = touch.expires.unwrap_or(grant.expires);
            grant.last_used = touch.last_used.unwrap_or(grant.last_used);
        }
        if let (Some((id, hash)), Some(refresh)) = (successor, &plan.refresh) {
            let record = RefreshRecord { id, hash, expires: refresh.expires, state: RefreshState::Active };
            self.refreshes.insert(id, (record, plan.grant.expect("a person's plan touches its grant").id));
        }
        if let Some(access) = plan.access.stored() {
            self.accesses.insert(access.id, access.clone());
        }
        Some(Committed::assertion(plan))
    }

    pub fn carry_out(&mut self, consequence: Consequence, now: UnixTime) {
        match consequence {
            Consequence::BurnCode(id) => {
                let code = &mut self.codes.get_mut(&id).expect("a code that was peeked").0;
                if code.state == CodeState::Active {
                    code.state = CodeState::Burned;
                }
            }
            Consequence::EndGrant(id, _) => self.end(id, now),
            Consequence::Nothing => {}
        }
    }

    pub fn revoke(&mut self, revocation: Revocation, now: UnixTime) {
        match revocation {
            Revocation::Access { id, .. } => {
                self.revoked.insert(id);
            }
            Revocation::Grant(id, _) => self.end(id, now),
            Revocation::Foreign | Revocation::Nothing => {}
        }
    }

    pub fn end(&mut self, grant: Id, now: UnixTime) {
        self.grants.get_mut(&grant).expect("a grant that was peeked").ended = Some(now);
    }

    pub fn confirm(&mut self, grant: Id, token: Id) {
        let grant = self.grants.get_mut(&grant).expect("a grant that was peeked");
        grant.confirmed = grant.confirmed.max(token);
    }

    pub fn first_use(&mut self, assertion: VerifiedAssertion) -> Option<FirstUse<VerifiedAssertion>> {
        self.seen.insert(assertion.id().hash).then(|| FirstUse::assertion(assertion))
    }
}
