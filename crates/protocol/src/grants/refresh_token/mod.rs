//! Refresh token (RFC 6749 section 6, RFC 9700 section 4.14): rotation that a lost answer cannot break.
//!
//! A rotated token is answered again while nothing of its successor was used: the answer was lost. The successor is then
//! superseded, never joined by a second one. Once anything of the successor was used, the old token is a replay.
//!
//! Threats: refresh-token-replay, refresh-rotation-race, refresh-scope-escalation, obtain-refresh-token-from-client.

use jose::UnixTime;

use crate::client_auth::AuthenticatedClient;
use crate::grants::{Deciding, Peeked, Source};
use crate::handle::{HandleKind, Id, PresentedHandle};
use crate::record::{EndReason, PeekedRefresh, RefreshState};
use crate::registration::{RefreshPolicy, RegisteredClient};
use crate::rules::{Refusal, Rule};
use crate::token::{Consequence, GrantRefusal, IssuePlan, Spend, Wanted, issue_for_person};
use crate::wire::parameters::Parameters;

/// The parameters.
#[derive(Debug)]
pub struct Request {
    token: Option<PresentedHandle>,
    wanted: Wanted,
}

impl Request {
    pub(super) fn parse(parameters: &mut Parameters) -> Result<Request, Refusal> {
        Ok(Request {
            token: PresentedHandle::parse(HandleKind::RefreshToken, parameters.require("refresh_token")?),
            wanted: Wanted::parse(parameters)?,
        })
    }

    pub(super) fn source(&self) -> Source {
        self.token.map_or(Source::Nothing, Source::Refresh)
    }

    pub(super) fn decide(
        self,
        client: &AuthenticatedClient,
        peeked: Peeked,
        deciding: Deciding,
    ) -> Result<IssuePlan, GrantRefusal> {
        let (Some(presented), Peeked::Refresh(Some(peeked))) = (self.token, peeked) else {
            return Err(Rule::RefreshUnknown.refuse().into());
        };
        let spend = check(&presented, client.client(), &peeked, deciding.now)?;
        issue_for_person(client.client(), peeked.grant, peeked.owner, None, &self.wanted, spend, deciding)
    }
}

fn check(
    presented: &PresentedHandle,
    client: &RegisteredClient,
    peeked: &PeekedRefresh,
    now: UnixTime,
) -> Result<Spend, GrantRefusal> {
    let (token, grant) = (&peeked.token, &peeked.grant);
    let note = |rule: Rule| rule.refuse().noting(format!("client {}, grant {}", client.id(), grant.id));
    // defends: refresh-online-guessing
    if !token.hash.matches(presented.hash()) {
        return Err(Rule::RefreshUnknown.refuse().into());
    }
    // Before anything else, so that a stranger can neither use nor end what it saw.
    // defends: obtain-refresh-token-from-client, refresh-eavesdropping
    if grant.client_id != client.id() {
        let refusal = Rule::RefreshForeign.refuse();
        return Err(refusal.noting(format!("client {} presented a token of {}", client.id(), grant.client_id)).into());
    }
    // defends: revocation-incomplete
    if grant.ended.is_some() || grant.expires <= now {
        return Err(note(Rule::RefreshGrantEnded).into());
    }
    // The operator took refreshing from the client. Spending the token would make its next use look like a theft.
    if client.refresh_policy() == RefreshPolicy::None {
        return Err(note(Rule::GrantTypeNotAllowed).into());
    }
    // defends: refresh-token-replay, stolen-or-cloned-device
    let replay = || {
        Err(GrantRefusal::with(
            note(Rule::RefreshReplayed),
            Consequence::EndGrant(grant.id, EndReason::RefreshReplayed),
        ))
    };
    let rotates = client.refresh_policy() != RefreshPolicy::Reuse;
    let spend = match (token.state, peeked.successor) {
        (RefreshState::Active, _) if rotates => Spend::Rotate { id: token.id, grant: grant.id },
        (RefreshState::Active, _) => Spend::Reuse { id: token.id, grant: grant.id },
        (RefreshState::Rotated(successor), Some(RefreshState::Active)) if !used(successor, grant.confirmed) => {
            Spend::Reanswer { id: token.id, superseding: successor, grant: grant.id }
        }
        (RefreshState::Rotated(_) | RefreshState::Superseded, _) => return replay(),
    };
    if token.expires <= now {
        return Err(note(Rule::RefreshExpired).into());
    }
    crate::token::owner_in_use(&peeked.owner, peeked.grant.id)?;
    Ok(spend)
}

/// Whether anything that was issued with the successor, or later, has been seen. Ids rise with time, and a refresh
/// token's id is drawn before that of the access token beside it.
fn used(successor: Id, confirmed: Id) -> bool {
    confirmed >= successor
}
