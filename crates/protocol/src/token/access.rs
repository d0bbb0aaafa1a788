//! Access tokens: for which resource, in which form, for how long (RFC 8707, RFC 9068).

use jose::{AccessToken, Algorithm, Audience, Seconds, UnixTime};

use crate::handle::{Draw, HandleKind, Id, NewHandle};
use crate::policy::{Policy, TokenFormat};
use crate::record::{AccessRecord, Authentication};
use crate::registration::RegisteredClient;
use crate::rules::{Refusal, Rule};
use crate::scope::{OPENID_SCOPES, ScopeSet};
use crate::token::request::Wanted;

/// Where an access token is for, and what it may do there.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    audience: Vec<String>,
    scope: ScopeSet,
    format: TokenFormat,
    alg: Algorithm,
    lifetime: Option<Seconds>,
}

impl Target {
    /// Chooses the audience: what the token request names, else what was granted, else what the scopes belong to. An access
    /// token is for one API; the server's own userinfo may stand beside it.
    ///
    /// `granted` are the resources of the grant; empty means that none was named.
    pub(crate) fn choose(
        policy: &Policy,
        client: &RegisteredClient,
        scope: &ScopeSet,
        granted: &[String],
        wanted: &Wanted,
    ) -> Result<Target, Refusal> {
        let issuer = policy.issuer.as_str();
        let by_scope = || {
            let mut all: Vec<String> = Vec::new();
            for token in scope.iter() {
                let owner = policy.resource_of_scope(token).map_or(issuer, |resource| &resource.identifier);
                if !all.iter().any(|have| have == owner) {
                    all.push(owner.to_owned());
                }
            }
            all
        };
        let open = if granted.is_empty() { by_scope() } else { granted.to_vec() };
        let mut audience = if wanted.resources.is_empty() { open.clone() } else { wanted.resources.clone() };
        // defends: resource-indicator-abuse, refresh-scope-escalation
        if audience.iter().any(|resource| !open.contains(resource)) {
            let rule = if granted.is_empty() { Rule::ResourceNotAllowed } else { Rule::RefreshResourceEscalation };
            return Err(rule.refuse());
        }
        // Whether it was named, granted or follows from the scope: an API that is closed to the client stays closed.
        if audience.iter().any(|resource| resource != issuer && !client.may_target(resource)) {
            return Err(Rule::ResourceNotAllowed.refuse().noting(format!("client {}", client.id())));
        }
        if audience.is_empty() {
            audience.push(issuer.to_owned());
        }
        let mut apis = audience.iter().filter(|resource| *resource != issuer).map(|resource| policy.resource(resource));
        // defends: token-abuse-across-resource-servers, compromised-resource-server
        let api = match (apis.next(), apis.next()) {
            (_, Some(_)) => return Err(Rule::ResourceAmbiguous.refuse()),
            (Some(None), _) => return Err(Rule::ResourceUnknown.refuse()),
            (Some(Some(api)), None) => Some(api),
            (None, None) => None,
        };
        // Only what the audience understands: a token carries no right that is none of its business.
        let here = audience.iter().any(|resource| resource == issuer);
        let scope = scope.filter(|token| {
            if OPENID_SCOPES.contains(&token) {
                here
            } else {
                api.is_some_and(|api| api.scopes.iter().any(|have| have.value == token))
            }
        });
        Ok(Target {
            audience,
            scope,
            format: api.map_or(TokenFormat::Jwt, |api| api.token_format),
            alg: api.map_or(policy.signing_alg, |api| api.signing_alg),
            lifetime: api.and_then(|api| api.access_token_lifetime),
        })
    }
}

/// For whom an access token speaks.
pub(crate) struct Speaker<'a> {
    pub client: &'a RegisteredClient,
    pub subject: &'a str,
    pub grant: Id,
    pub authentication: Option<&'a Authentication>,
    /// No token outlives this.
    pub end: UnixTime,
}

/// An access token to be made once the plan is committed.
#[derive(Debug)]
pub struct AccessPlan {
    /// What introspection will know. Stored for opaque tokens only.
    pub record: AccessRecord,
    pub(crate) form: AccessForm,
}

#[derive(Debug)]
pub(crate) enum AccessForm {
    Jwt { claims: Box<AccessToken>, alg: Algorithm },
    Opaque(NewHandle),
}

impl AccessPlan {
    /// The row to insert, if the token is one that lives in the store.
    pub fn stored(&self) -> Option<&AccessRecord> {
        matches!(self.form, AccessForm::Opaque(_)).then_some(&self.record)
    }

    /// Seconds that the token lives.
    pub fn expires_in(&self) -> Seconds {
        self.record.expires.saturating_since(self.record.issued)
    }
}

/// What a token is called, in the JWT and at introspection alike (RFC 7662 section 2.2): grant and token.
pub(crate) fn jti(grant: Id, token: Id) -> String {
    let mut jti = String::with_capacity(27);
    grant.push_to(&mut jti);
    jti.push('.');
    token.push_to(&mut jti);
    jti
}

impl Speaker<'_> {
    pub(crate) fn plan(self, target: Target, policy: &Policy, draw: &mut dyn Draw, now: UnixTime) -> AccessPlan {
        let lifetime = self.client.access_token_lifetime().or(target.lifetime).unwrap_or(policy.lifetimes.access_token);
        // defends: obtain-access-token-from-client
        let expires = (now + lifetime).min(self.end);
        let (id, hash, form);
        match target.format {
            TokenFormat::Opaque => {
                let handle = NewHandle::mint(HandleKind::AccessToken, draw.id(), &draw.secret());
                (id, hash) = (handle.id(), handle.hash());
                form = AccessForm::Opaque(handle);
            }
            TokenFormat::Jwt => {
                id = draw.id();
                hash = crate::handle::SecretHash([0; 32]);
                let claims = AccessToken {
                    iss: policy.issuer.clone(),
                    sub: self.subject.to_owned(),
                    aud: Audience::many(target.audience.iter().cloned()),
                    client_id: self.client.id().to_owned(),
                    scope: target.scope.as_str().to_owned(),
                    iat: now,
                    exp: expires,
                    jti: jti(self.grant, id),
                    nbf: None,
                    auth_time: self.authentication.map(|auth| auth.time),
                    acr: self.authentication.map(|auth| auth.acr.clone()),
                    amr: self.authentication.map(|auth| auth.amr.clone()).unwrap_or_default(),
                    cnf: None,
                };
                form = AccessForm::Jwt { claims: Box::new(claims), alg: target.alg };
            }
        }
        let record = AccessRecord {
            id,
            hash,
            grant: self.grant,
            client_id: self.client.id().to_owned(),
            subject: self.subject.to_owned(),
            scope: target.scope,
            audience: target.audience,
            issued: now,
            expires,
        };
        AccessPlan { record, form }
    }
}
