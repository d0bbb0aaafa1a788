//! Tokens that come back: introspection (RFC 7662), revocation (RFC 7009) and userinfo (OpenID Connect Core section 5.3).

use jose::{AccessToken, Algorithm, Expectation, ExpectedAudience, JwkSet, UnixTime};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::client_auth::AuthenticatedClient;
use crate::handle::{HandleKind, Id, PresentedHandle, SecretHash};
use crate::policy::Policy;
use crate::record::{AccessRecord, EndReason, OwnerStatus, PeekedAccess, PeekedRefresh};
use crate::registration::RegisteredClient;
use crate::rules::{Refusal, Rule};
use crate::scope::ScopeSet;
use crate::token::access::jti;

/// A token as somebody presented it: what to look up.
#[derive(Debug)]
pub enum PresentedToken {
    /// An opaque access token.
    Access(PresentedHandle),
    /// A JWT of ours whose signature, issuer, type and times are right. Its grant may have ended.
    Jwt(Box<AccessRecord>),
    /// A refresh token.
    Refresh(PresentedHandle),
}

impl PresentedToken {
    /// Tells by form what kind of token it is. A JWT is verified with the server's own keys; what anybody else signed, or
    /// signed for another purpose, is no token at all.
    pub fn read(token: &str, own_keys: &JwkSet, policy: &Policy, now: UnixTime) -> Result<PresentedToken, Refusal> {
        if let Some(handle) = PresentedHandle::parse(HandleKind::AccessToken, token) {
            return Ok(PresentedToken::Access(handle));
        }
        if let Some(handle) = PresentedHandle::parse(HandleKind::RefreshToken, token) {
            return Ok(PresentedToken::Refresh(handle));
        }
        let mut audiences: Vec<&str> = policy.resources.iter().map(|resource| resource.identifier.as_str()).collect();
        audiences.push(&policy.issuer);
        let expect = Expectation::new(&policy.issuer, ExpectedAudience::Contains(&audiences), &Algorithm::ALL, now);
        // defends: access-token-guessing, jwt-type-confusion
        let claims = match jose::verify::<AccessToken>(token, own_keys, &expect) {
            Ok(verified) => verified.into_claims(),
            Err(jose::JoseError::Expired) => return Err(Rule::TokenExpired.refuse()),
            Err(err) => return Err(rule_of(err).refuse().noting(err.to_string())),
        };
        let ids = claims.jti.split_once('.').and_then(|(grant, id)| Some((Id::parse(grant)?, Id::parse(id)?)));
        let scope = ScopeSet::parse(&claims.scope);
        let (Some((grant, id)), Some(scope)) = (ids, scope) else { return Err(Rule::TokenUnknown.refuse()) };
        Ok(PresentedToken::Jwt(Box::new(AccessRecord {
            id,
            hash: SecretHash([0; 32]),
            grant,
            client_id: claims.client_id,
            subject: claims.sub,
            scope,
            audience: claims.aud.iter().map(str::to_owned).collect(),
            issued: claims.iat,
            expires: claims.exp,
        })))
    }

    fn matches(&self, hash: &SecretHash) -> bool {
        match self {
            PresentedToken::Access(handle) | PresentedToken::Refresh(handle) => handle.hash().matches(hash),
            // The signature stood in for the hash.
            PresentedToken::Jwt(_) => true,
        }
    }
}

fn rule_of(err: jose::JoseError) -> Rule {
    if err.is_algorithm() {
        Rule::TokenAlgorithm
    } else if err.is_key_header() {
        Rule::TokenKeyHeader
    } else if err.is_type() {
        Rule::TokenKind
    } else if err.is_claims() {
        Rule::TokenClaims
    } else {
        Rule::TokenUnknown
    }
}

/// An access token that counts, right now.
#[derive(Debug)]
pub struct LiveToken {
    peeked: PeekedAccess,
}

impl LiveToken {
    /// Decides whether a token counts. `peeked` is what the store has, `None` where it has nothing or knows the token as
    /// revoked; `client` is the one it was issued to. A wrong "yes" keeps a stolen token alive after everybody ended it.
    pub fn check(
        presented: &PresentedToken,
        peeked: Option<PeekedAccess>,
        client: Option<&RegisteredClient>,
        now: UnixTime,
    ) -> Result<LiveToken, Refusal> {
        let Some(peeked) = peeked.filter(|peeked| presented.matches(&peeked.token.hash)) else {
            // A JWT that got this far was ours, so it is the store that no longer stands behind it.
            let ours = matches!(presented, PresentedToken::Jwt(_));
            return Err(if ours { Rule::TokenRevoked } else { Rule::TokenUnknown }.refuse());
        };
        let note = |rule: Rule| {
            rule.refuse().noting(format!("client {}, grant {}", peeked.token.client_id, peeked.token.grant))
        };
        if peeked.token.expires <= now {
            return Err(note(Rule::TokenExpired));
        }
        // Ending a grant ends all that came of it, at once.  defends: revocation-incomplete
        let grant_alive = match (&peeked.grant, peeked.token.grant) {
            (Some(grant), _) => grant.ended.is_none() && grant.expires > now,
            (None, id) => id == Id::NONE,
        };
        if !grant_alive {
            return Err(note(Rule::TokenRevoked));
        }
        // defends: locked-account-token-issuance
        if client.is_none_or(RegisteredClient::is_disabled)
            || peeked.owner.as_ref().is_some_and(|owner| owner.status == OwnerStatus::Locked)
        {
            return Err(note(Rule::TokenLocked));
        }
        Ok(LiveToken { peeked })
    }

    /// What is known of the token.
    pub fn token(&self) -> &AccessRecord {
        &self.peeked.token
    }

    /// Grant and token, if this is the first sight of something issued with the newest refresh token: the ledger then
    /// notes that the answer has arrived.
    pub fn confirms(&self) -> Option<(Id, Id)> {
        let grant = self.peeked.grant.as_ref()?;
        (self.peeked.token.id > grant.confirmed).then_some((grant.id, self.peeked.token.id))
    }

    /// The introspection answer (RFC 7662 section 2.2) for a caller that may see it.
    pub fn introspection<'a>(&'a self, caller: &AuthenticatedClient, policy: &'a Policy) -> Option<Introspection<'a>> {
        let token = &self.peeked.token;
        // A resource server learns of its own tokens only.  defends: introspection-abuse
        let seen: Vec<&str> = token
            .audience
            .iter()
            .map(String::as_str)
            .filter(|resource| caller.client().introspects(resource))
            .collect();
        if seen.is_empty() {
            return None;
        }
        Some(Introspection {
            active: true,
            scope: token.scope.as_str(),
            client_id: &token.client_id,
            token_type: "Bearer",
            exp: token.expires,
            iat: token.issued,
            sub: &token.subject,
            aud: seen,
            iss: &policy.issuer,
            jti: jti(token.grant, token.id),
            auth_time: self.peeked.grant.as_ref().map(|grant| grant.authentication.time),
            acr: self.peeked.grant.as_ref().map(|grant| grant.authentication.acr.as_str()),
        })
    }

    /// The claims that userinfo answers with (OpenID Connect Core section 5.3.2).
    pub fn userinfo(&self, policy: &Policy) -> Result<Map<String, Value>, Refusal> {
        let token = &self.peeked.token;
        // defends: token-abuse-across-resource-servers
        if !token.audience.contains(&policy.issuer) {
            return Err(Rule::TokenAudience.refuse());
        }
        let (Some(grant), Some(owner)) = (&self.peeked.grant, &self.peeked.owner) else {
            return Err(Rule::OpenidScopeNeeded.refuse());
        };
        // defends: resource-scope-not-enforced
        if !token.scope.contains("openid") {
            return Err(Rule::OpenidScopeNeeded.refuse());
        }
        let mut claims = grant.claims.for_userinfo(&owner.claims, &token.scope);
        claims.insert("sub".to_owned(), Value::String(owner.subject.clone()));
        Ok(claims)
    }
}

/// What introspection tells about a token that counts.
#[derive(Debug, Serialize)]
pub struct Introspection<'a> {
    active: bool,
    scope: &'a str,
    client_id: &'a str,
    token_type: &'static str,
    exp: UnixTime,
    iat: UnixTime,
    sub: &'a str,
    aud: Vec<&'a str>,
    iss: &'a str,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
}

/// What a revocation request leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// This access token ends, until `expires` remembered as revoked.
    Access {
        /// The token.
        id: Id,
        /// When it would have ended.
        expires: UnixTime,
    },
    /// The token is another client's: nothing happens, and it is noted.
    Foreign,
    /// The grant ends, with all that came of it.
    Grant(Id, EndReason),
    /// The token is unknown: the client has what it wanted (RFC 7009 section 2.2).
    Nothing,
}

/// Decides about an access token that a client gives back.
pub fn revoke_access(
    client: &AuthenticatedClient,
    presented: &PresentedToken,
    peeked: Option<PeekedAccess>,
) -> Revocation {
    match peeked.filter(|peeked| presented.matches(&peeked.token.hash)) {
        None => Revocation::Nothing,
        // defends: revocation-cross-client
        Some(peeked) if peeked.token.client_id != client.client().id() => Revocation::Foreign,
        Some(peeked) => Revocation::Access { id: peeked.token.id, expires: peeked.token.expires },
    }
}

/// Decides about a refresh token that a client gives back: the whole grant goes with it (RFC 7009 section 2.1).
pub fn revoke_refresh(
    client: &AuthenticatedClient,
    presented: &PresentedToken,
    peeked: Option<PeekedRefresh>,
) -> Revocation {
    match peeked.filter(|peeked| presented.matches(&peeked.token.hash)) {
        None => Revocation::Nothing,
        // defends: revocation-cross-client
        Some(peeked) if peeked.grant.client_id != client.client().id() => Revocation::Foreign,
        // defends: revocation-incomplete
        Some(peeked) => Revocation::Grant(peeked.grant.id, EndReason::ClientRevoked),
    }
}

/// Finds the one bearer token of a request (RFC 6750 section 2): in the header, or in the body of a form.
pub fn bearer(authorization: Option<&[u8]>, query: Option<&str>, form_token: Option<&str>) -> Result<String, Refusal> {
    // defends: token-leak-logs-referrer
    if query
        .is_some_and(|query| query.split('&').any(|pair| pair == "access_token" || pair.starts_with("access_token=")))
    {
        return Err(Rule::BearerInUrl.refuse());
    }
    match (authorization, form_token) {
        (Some(_), Some(_)) => Err(Rule::BearerMultiple.refuse()),
        (None, Some(token)) => Ok(token.to_owned()),
        (None, None) => Err(Rule::BearerMissing.refuse()),
        (Some(header), None) => {
            let header = std::str::from_utf8(header).map_err(|_| Rule::BearerMissing.refuse())?;
            let (scheme, token) = header.split_once(' ').ok_or_else(|| Rule::BearerMissing.refuse())?;
            let token68 =
                !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b));
            (scheme.eq_ignore_ascii_case("bearer") && token68)
                .then(|| token.to_owned())
                .ok_or_else(|| Rule::BearerMissing.refuse())
        }
    }
}
