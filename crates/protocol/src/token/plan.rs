//! Plans: what to spend, what to write, what to sign. A plan is worth nothing until the ledger has committed it.

use jose::{Algorithm, Audience, IdToken, UnixTime};

use crate::grants::Deciding;
use crate::handle::{HandleKind, Id, NewHandle};
use crate::policy::Policy;
use crate::record::{EndReason, GrantRecord, Offline, Owner, OwnerStatus};
use crate::registration::{GrantType, RefreshPolicy, RegisteredClient};
use crate::rules::{Refusal, Rule};
use crate::token::access::{AccessPlan, Speaker, Target};
use crate::token::request::Wanted;

/// What a plan uses up. The ledger does it by compare-and-set: of many plans that spend one thing, one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spend {
    /// An active code becomes spent, and its grant has not ended.
    Code {
        /// The code.
        id: Id,
        /// Its grant.
        grant: Id,
    },
    /// Nothing.
    Nothing,
    /// A rotated token whose successor is still active gets another successor; the first becomes superseded.
    Reanswer {
        /// The rotated token.
        id: Id,
        /// The successor that nobody used.
        superseding: Id,
        /// Their grant.
        grant: Id,
    },
    /// An active token stays as it is, and lives longer.
    Reuse {
        /// The token.
        id: Id,
        /// Its grant.
        grant: Id,
    },
    /// An active token becomes rotated.
    Rotate {
        /// The token.
        id: Id,
        /// Its grant.
        grant: Id,
    },
}

/// A refresh token to insert.
#[derive(Debug)]
pub struct RefreshPlan {
    /// The new token; for [`Spend::Reuse`] there is none.
    pub(crate) handle: Option<NewHandle>,
    /// When it ends if it is not used.
    pub expires: UnixTime,
}

impl RefreshPlan {
    /// Row key and hash of the new token.
    pub fn stored(&self) -> Option<(Id, crate::handle::SecretHash)> {
        self.handle.as_ref().map(|handle| (handle.id(), handle.hash()))
    }
}

/// What changes about the grant.
#[derive(Clone, Copy, Debug)]
pub struct GrantTouch {
    /// The grant.
    pub id: Id,
    /// Its end from now on; `None` leaves it.
    pub expires: Option<UnixTime>,
    /// When it was last used; `None` where less than a minute has passed.
    pub last_used: Option<UnixTime>,
}

/// An ID token to be signed once its access token is known.
#[derive(Debug)]
pub struct IdTokenPlan {
    pub(crate) claims: IdToken,
    pub(crate) alg: Algorithm,
}

/// Everything that one token request leads to.
#[derive(Debug)]
pub struct IssuePlan {
    /// What is used up.
    pub spend: Spend,
    /// The refresh token that comes of it.
    pub refresh: Option<RefreshPlan>,
    /// The access token that comes of it.
    pub access: AccessPlan,
    /// The ID token that comes of it.
    pub id_token: Option<IdTokenPlan>,
    /// What changes about the grant.
    pub grant: Option<GrantTouch>,
}

impl IssuePlan {
    /// Whether a lost answer is given again.
    pub fn is_reanswer(&self) -> bool {
        matches!(self.spend, Spend::Reanswer { .. })
    }

    /// What to answer if another request was faster.
    pub fn if_lost(&self) -> Refusal {
        let rule = match self.spend {
            Spend::Code { .. } => Rule::CodeLostRace,
            _ => Rule::RefreshLostRace,
        };
        rule.refuse()
    }
}

/// What a refusal leads to, besides the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The code can no longer be redeemed.
    BurnCode(Id),
    /// The grant ends, with everything that came of it.
    EndGrant(Id, EndReason),
    /// Nothing changes.
    Nothing,
}

/// A refusal at the token endpoint.
#[derive(Debug)]
pub struct GrantRefusal {
    /// What is wrong.
    pub refusal: Refusal,
    /// What has to be done about it before the answer leaves.
    pub consequence: Consequence,
}

impl GrantRefusal {
    pub(crate) fn with(refusal: Refusal, consequence: Consequence) -> GrantRefusal {
        GrantRefusal { refusal, consequence }
    }
}

impl From<Refusal> for GrantRefusal {
    fn from(refusal: Refusal) -> GrantRefusal {
        GrantRefusal { refusal, consequence: Consequence::Nothing }
    }
}

/// Whether the person may still have tokens issued in his name.
pub(crate) fn owner_in_use(owner: &Owner, grant: Id) -> Result<(), GrantRefusal> {
    // defends: locked-account-token-issuance
    match owner.status {
        OwnerStatus::Active => Ok(()),
        OwnerStatus::Locked => {
            let refusal = Rule::OwnerLocked.refuse().noting(format!("subject {}, grant {grant}", owner.subject));
            Err(GrantRefusal::with(refusal, Consequence::EndGrant(grant, EndReason::OwnerLocked)))
        }
    }
}

/// The plan of every grant behind which a person stands.
pub(crate) fn issue_for_person(
    client: &RegisteredClient,
    grant: GrantRecord,
    owner: Owner,
    nonce: Option<String>,
    wanted: &Wanted,
    spend: Spend,
    deciding: Deciding,
) -> Result<IssuePlan, GrantRefusal> {
    let Deciding { policy, draw, now } = deciding;
    // What the client may no longer have it gets no longer, whatever was granted once.
    let granted = grant.scope.filter(|token| client.scope.contains(token));
    let scope = match &wanted.scope {
        // https://www.rfc-editor.org/rfc/rfc6749#section-6  defends: refresh-scope-escalation, consent-scope-creep
        Some(scope) if !scope.is_subset(&granted) => {
            return Err(Rule::RefreshScopeEscalation
                .refuse()
                .noting(format!("client {}, grant {}", client.id(), grant.id))
                .into());
        }
        Some(scope) => scope.clone(),
        None => granted,
    };
    let target = Target::choose(policy, client, &scope, &grant.resources, wanted)?;
    let first = matches!(spend, Spend::Code { .. });
    let lifetimes = &policy.lifetimes;
    let refreshes = client.allows(GrantType::RefreshToken)
        && client.refresh_policy() != RefreshPolicy::None
        && grant.offline == Offline::Allowed;
    let end = match (first, refreshes) {
        (true, true) => grant.created + lifetimes.refresh_total,
        (true, false) => now + client.access_token_lifetime().unwrap_or(jose::Seconds(3600)),
        // The end never moves, so a thief who renews unseen does not do so for ever.  defends: browser-script-token-theft
        (false, _) => grant.expires,
    };
    // The refresh token's id comes before the access token's: see `grants::refresh_token`.
    let refresh = refreshes.then(|| RefreshPlan {
        handle: (!matches!(spend, Spend::Reuse { .. }))
            .then(|| NewHandle::mint(HandleKind::RefreshToken, draw.id(), &draw.secret())),
        expires: (now + lifetimes.refresh_idle).min(end),
    });
    let speaker =
        Speaker { client, subject: &owner.subject, grant: grant.id, authentication: Some(&grant.authentication), end };
    let access = speaker.plan(target, policy, draw, now);
    let id_token = scope.contains("openid").then(|| id_token(client, &grant, &owner, nonce, policy, now));
    let touch = GrantTouch {
        id: grant.id,
        expires: first.then_some(end),
        last_used: (first || now.saturating_since(grant.last_used).0 >= 60).then_some(now),
    };
    Ok(IssuePlan { spend, refresh, access, id_token, grant: Some(touch) })
}

fn id_token(
    client: &RegisteredClient,
    grant: &GrantRecord,
    owner: &Owner,
    nonce: Option<String>,
    policy: &Policy,
    now: UnixTime,
) -> IdTokenPlan {
    // Bound to this client, this sign-in and this request.
    // https://openid.net/specs/openid-connect-core-1_0.html#IDToken  defends: id-token-injection, id-token-audience-confusion
    let claims = IdToken {
        iss: policy.issuer.clone(),
        sub: owner.subject.clone(),
        aud: Audience::one(client.id()),
        azp: None,
        exp: now + policy.lifetimes.id_token,
        iat: now,
        nbf: None,
        jti: None,
        auth_time: Some(grant.authentication.time),
        nonce,
        acr: Some(grant.authentication.acr.clone()),
        amr: grant.authentication.amr.clone(),
        at_hash: None,
        c_hash: None,
        sid: None,
        extra: grant.claims.for_id_token(&owner.claims),
    };
    IdTokenPlan { claims, alg: client.id_token_alg().unwrap_or(policy.signing_alg) }
}
