//! Client assertions: private_key_jwt (RFC 7523 section 2.2, OpenID Connect Core section 9).

use std::sync::Arc;

use jose::{Algorithm, ClientAssertion, Expectation, ExpectedAudience, JoseError, Seconds, UnixTime};

use crate::policy::Policy;
use crate::registration::RegisteredClient;
use crate::rules::{Refusal, Rule};

pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion that ends later than this would have to be remembered for too long.
const MAX_LIFETIME: Seconds = Seconds(3600);

/// An assertion whose signature, audience, subject and times are right. Its id may have been used before.
#[derive(Debug)]
pub struct VerifiedAssertion {
    client: Arc<RegisteredClient>,
    id: AssertionId,
}

/// What the ledger remembers of an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionId {
    /// SHA-256 over client and `jti`.
    pub hash: [u8; 32],
    /// Until when it has to be remembered.
    pub until: UnixTime,
}

impl VerifiedAssertion {
    pub(super) fn verify(
        token: &str,
        client: Arc<RegisteredClient>,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<VerifiedAssertion, Refusal> {
        let refuse = |rule: Rule, why: &str| rule.refuse().noting(format!("client {}: {why}", client.id()));
        let keys = client.jwks.as_ref().ok_or_else(|| refuse(Rule::AssertionInvalid, "no keys"))?;
        let token_endpoint = policy.url("/token");
        let issuer = [policy.issuer.as_str()];
        let either = [policy.issuer.as_str(), token_endpoint.as_str()];
        // The issuer alone, as a string: any other audience is one that another server could have asked for.
        // defends: audience-injection-client-assertion
        let audience = if client.danger_accepts_endpoint_audience() {
            ExpectedAudience::Contains(&either)
        } else {
            ExpectedAudience::SoleString(&issuer)
        };
        let expect = Expectation::new(client.id(), audience, &Algorithm::ALL, now)
            .leeway(policy.lifetimes.clock_skew)
            .max_lifetime(MAX_LIFETIME);
        // defends: client-assertion-replay, jwt-algorithm-substitution, jwt-key-injection, jwt-type-confusion
        let verified = jose::verify::<ClientAssertion>(token, keys, &expect).map_err(|err| match err {
            JoseError::Audience => refuse(Rule::AssertionAudience, "audience"),
            err => refuse(rule_of(err), &err.to_string()),
        })?;
        let claims = verified.into_claims();
        // Even under the old rule an assertion that was made for somebody else besides is one that he can replay.
        // defends: audience-injection-client-assertion
        if !claims.aud.iter().all(|audience| either.contains(&audience)) {
            return Err(refuse(Rule::AssertionAudience, "audience"));
        }
        let mut named = Vec::with_capacity(client.id().len() + 1 + claims.jti.len());
        named.extend_from_slice(client.id().as_bytes());
        named.push(0);
        named.extend_from_slice(claims.jti.as_bytes());
        let id = AssertionId { hash: jose::sha256(&named), until: claims.exp + policy.lifetimes.clock_skew };
        Ok(VerifiedAssertion { client, id })
    }

    /// What must not have been seen before.
    pub fn id(&self) -> &AssertionId {
        &self.id
    }

    pub(super) fn into_client(self) -> Arc<RegisteredClient> {
        self.client
    }
}

/// Which rule an assertion broke, for the log and its event; the wire tells one text for all.
pub(super) fn rule_of(err: JoseError) -> Rule {
    if err.is_algorithm() {
        Rule::AssertionAlgorithm
    } else if err.is_key_header() {
        Rule::AssertionKeyHeader
    } else if err.is_type() {
        Rule::AssertionKind
    } else if err.is_claims() {
        Rule::AssertionClaims
    } else {
        Rule::AssertionInvalid
    }
}
