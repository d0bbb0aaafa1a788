//! What makes an access token good at one resource server.

use jose::{AccessToken, Algorithm, Audience, Expectation, ExpectedAudience, JoseError, JwkSet, Seconds, UnixTime};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;
use url::Url;

use super::{Access, BearerToken, ClientPrincipal, Principal, Refusal, UserPrincipal};
use crate::relying::{ClientIdentity, FormRequest, Moment};

const MAX_RESPONSE: usize = 64 * 1024;

/// One issuer and one audience: ours. There is no rule without both.
// defends: token-abuse-across-resource-servers (no resource server without its own identifier)
#[derive(Clone, Debug)]
pub struct TokenRule {
    issuer: String,
    audience: String,
    algorithms: Vec<Algorithm>,
    max_lifetime: Seconds,
}

/// Why a rule was refused. The API must not start.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleError {
    /// The resource identifier is not an absolute URL.
    #[error("the resource identifier (audience) must be an absolute URL without fragment (RFC 8707 section 2)")]
    Audience,
    /// The issuer is not an absolute URL.
    #[error("the issuer must be an absolute https URL, or http on 127.0.0.1 or [::1] (RFC 8414 section 2)")]
    Issuer,
}

impl TokenRule {
    /// Accepts tokens of this issuer for this resource identifier, byte for byte, that live an hour at most.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Result<Self, RuleError> {
        let (issuer, audience) = (issuer.into(), audience.into());
        let is_url = |text: &str| Url::parse(text).is_ok_and(|url| crate::relying::is_safe(&url, text));
        if !is_url(&issuer) {
            return Err(RuleError::Issuer);
        }
        if !is_url(&audience) {
            return Err(RuleError::Audience);
        }
        Ok(Self { issuer, audience, algorithms: Algorithm::ALL.to_vec(), max_lifetime: Seconds(3600) })
    }

    /// Accepts these signature algorithms only. Without this, every one of `jose`: all asymmetric, each bound to its key.
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }

    /// Accepts JWTs up to this life. A longer one outlives every revocation.
    pub fn max_lifetime(mut self, lifetime: Seconds) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The resource identifier.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Checks a JWT access token (RFC 9068 section 4) with the issuer's keys.
    ///
    /// On `Refusal::Jwt(JoseError::KeyNotFound)` the keys may be fetched again, at most once a minute.
    pub fn check_jwt(&self, token: &BearerToken, keys: &JwkSet, now: UnixTime) -> Result<Access, Refusal> {
        let audience = [self.audience.as_str()];
        // Type, signature, issuer, audience, time and life: `jose` knows no way to leave one out.
        // defends: jwt-type-confusion, token-abuse-across-resource-servers, jwt-claims-unchecked, access-token-guessing
        let expect = Expectation::new(&self.issuer, ExpectedAudience::Contains(&audience), &self.algorithms, now)
            .max_lifetime(self.max_lifetime);
        let claims =
            jose::verify::<AccessToken>(token.secret().expose(), keys, &expect).map_err(Refusal::Jwt)?.into_claims();
        // Bound to a key of which nothing was proved: a stolen copy looks exactly like this.
        // defends: sender-constraint-not-enforced
        if claims.cnf.is_some() {
            return Err(Refusal::SenderConstrained);
        }
        // RFC 9068 section 2.2: where no person takes part, `sub` is the client.
        let subject = (claims.sub != claims.client_id).then_some(claims.sub);
        Ok(self.access(subject, claims.client_id, &claims.scope, claims.exp, claims.auth_time, claims.acr))
    }

    /// The request that asks the authorization server about a token (RFC 7662 section 2.1).
    ///
    /// `endpoint` and `identity` belong to this rule's issuer. POST only, so that the token is in no URL.
    pub fn introspection_request(
        &self,
        endpoint: &str,
        token: &BearerToken,
        identity: &ClientIdentity,
        moment: Moment,
    ) -> Result<FormRequest, JoseError> {
        FormRequest::new(endpoint)
            .secret("token", token.secret())
            .public("token_type_hint", "access_token")
            .authenticated(identity, &self.issuer, moment)
    }

    /// Checks the answer to that request (RFC 7662 section 2.2).
    ///
    /// `active` alone is not enough: the server may say it of a token for another API.
    pub fn check_introspection(&self, status: u16, body: &[u8], now: UnixTime) -> Result<Access, Refusal> {
        if status != 200 || body.len() > MAX_RESPONSE {
            return Err(Refusal::Unavailable);
        }
        let answer: Answer =
            serde_json::from_slice(body).map_err(|_| Refusal::Introspection("not an introspection response"))?;
        if !answer.active {
            return Err(Refusal::Inactive);
        }
        // An answer about another issuer's token would let that issuer name our users.  defends: cuckoos-token
        if answer.iss.as_ref().is_some_and(|issuer| *issuer != self.issuer) {
            return Err(Refusal::Jwt(JoseError::Issuer));
        }
        // defends: token-abuse-across-resource-servers, introspection-abuse
        if !answer.aud.is_some_and(|audience| audience.contains(&self.audience)) {
            return Err(Refusal::Jwt(JoseError::Audience));
        }
        let expires_at = answer.exp.ok_or(Refusal::Introspection("no exp"))?;
        if expires_at <= now {
            return Err(Refusal::Jwt(JoseError::Expired));
        }
        // defends: sender-constraint-not-enforced
        if answer.cnf.is_some() {
            return Err(Refusal::SenderConstrained);
        }
        let client_id = answer.client_id.ok_or(Refusal::Introspection("no client_id"))?;
        let subject = answer.sub.filter(|subject| *subject != client_id);
        let scope = answer.scope.unwrap_or_default();
        Ok(self.access(subject, client_id, &scope, expires_at, answer.auth_time, answer.acr))
    }

    fn access(
        &self,
        subject: Option<String>,
        client_id: String,
        scope: &str,
        expires_at: UnixTime,
        auth_time: Option<UnixTime>,
        acr: Option<String>,
    ) -> Access {
        let issuer = self.issuer.clone();
        let principal = match subject {
            Some(subject) => Principal::User(UserPrincipal { issuer, subject }),
            None => Principal::Client(ClientPrincipal { issuer, client_id: client_id.clone() }),
        };
        let scope = scope.split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
        Access { principal, client_id, scope, expires_at, auth_time, acr }
    }
}

#[derive(Deserialize)]
struct Answer {
    active: bool,
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    client_id: Option<String>,
    scope: Option<String>,
    exp: Option<UnixTime>,
    auth_time: Option<UnixTime>,
    acr: Option<String>,
    cnf: Option<Map<String, Value>>,
}
