//! The ID token (OpenID Connect Core section 3.1.3.7).

use jose::{Algorithm, Expectation, ExpectedAudience, IdToken, JoseError, JwkSet, Seconds, Secret, UnixTime, Verified};
use serde_json::{Map, Value};
use thiserror::Error;

/// Providers give ID tokens an hour or so. One that lives longer than a day is a mistake or a trap.
const MAX_LIFE: Seconds = Seconds(24 * 60 * 60);

/// Who signed in: an ID token whose every check passed.
#[derive(Debug)]
pub struct Identity {
    verified: Verified<IdToken>,
    raw: Secret<String>,
}

impl Identity {
    /// Who vouches. A user is the pair of issuer and subject: another issuer may use the same `sub` for somebody else.
    pub fn issuer(&self) -> &str {
        &self.claims().iss
    }

    /// The user at that issuer.
    pub fn subject(&self) -> &str {
        &self.claims().sub
    }

    /// When the user proved who they are, if the provider says so.
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.claims().auth_time
    }

    /// How strongly, in the provider's terms. Compare it where strength matters; asking for it is no proof.
    // defends: authentication-strength-bypass
    pub fn acr(&self) -> Option<&str> {
        self.claims().acr.as_deref()
    }

    /// The provider's session, for logout.
    pub fn sid(&self) -> Option<&str> {
        self.claims().sid.as_deref()
    }

    /// Claims about the user beside the registered ones.
    pub fn extra(&self) -> &Map<String, Value> {
        &self.claims().extra
    }

    /// The token itself, for `id_token_hint` at this issuer and for nothing else: it is no credential for any API.
    pub fn hint(&self) -> &Secret<String> {
        &self.raw
    }

    fn claims(&self) -> &IdToken {
        self.verified.claims()
    }
}

/// Why an ID token was not believed. The login is over; the access token beside it was not handed out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdTokenError {
    /// `at_hash` does not fit the access token beside it: one of the two was swapped.
    #[error("at_hash does not fit the access token (OpenID Connect Core section 3.1.3.8)")]
    AccessTokenHash,
    /// `aud` names others beside this client, or `azp` names another client.
    #[error("the ID token is also for somebody else (OpenID Connect Core section 3.1.3.7)")]
    Audience,
    /// `max_age` was asked for and `auth_time` is absent, in the future, or too long ago.
    #[error("auth_time does not show a login as recent as max_age demands (OpenID Connect Core section 3.1.3.7)")]
    AuthTime,
    /// `nonce` is not the one of this login.
    #[error("nonce is not the one of this login (OpenID Connect Core section 3.1.3.7)")]
    NonceMismatch,
    /// A refresh answered with an ID token of another user.
    #[error("the ID token is about another user than the login was (OpenID Connect Core section 12.2)")]
    SubjectMismatch,
    /// Signature, type, issuer, audience or time is wrong.
    #[error("the ID token was refused: {0}")]
    Token(JoseError),
    /// The key set has no key of this name. Fetch it again, at most once a minute.
    #[error("the ID token is signed with a key that is not in the key set")]
    UnknownKey,
}

/// What the ID token of one transaction must show.
#[derive(Debug)]
pub(super) struct IdTokenRule {
    nonce: Option<Secret<String>>,
    subject: Option<String>,
    max_age: Option<Seconds>,
}

impl IdTokenRule {
    pub(super) fn for_login(nonce: Secret<String>, max_age: Option<Seconds>) -> Self {
        Self { nonce: Some(nonce), subject: None, max_age }
    }

    pub(super) fn for_refresh(subject: String) -> Self {
        Self { nonce: None, subject: Some(subject), max_age: None }
    }

    pub(super) fn known_subject(&self) -> Option<String> {
        self.subject.clone()
    }
}

/// The parties of one check.
pub(super) struct Parties<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) keys: &'a JwkSet,
    pub(super) now: UnixTime,
}

pub(super) fn verify(
    raw: &Secret<String>,
    access_token: &str,
    rule: &IdTokenRule,
    parties: &Parties<'_>,
) -> Result<Identity, IdTokenError> {
    let audience = [parties.client_id];
    let expect = Expectation::new(parties.issuer, ExpectedAudience::Contains(&audience), &Algorithm::ALL, parties.now)
        .max_lifetime(MAX_LIFE);
    let verified = jose::verify::<IdToken>(raw.expose(), parties.keys, &expect).map_err(|error| match error {
        JoseError::KeyNotFound => IdTokenError::UnknownKey,
        other => IdTokenError::Token(other),
    })?;
    let claims = verified.claims();
    // A token that is also for another client was perhaps made for that one. This kit trusts no second audience.
    // defends: id-token-audience-confusion
    let is_for_others = claims.aud.iter().any(|audience| audience != parties.client_id);
    if is_for_others || claims.azp.as_deref().is_some_and(|azp| azp != parties.client_id) {
        return Err(IdTokenError::Audience);
    }
    // Made for this very run of the flow, in this browser.  defends: code-injection, id-token-injection
    if let Some(nonce) = &rule.nonce {
        let fits = |got: &str| jose::constant_time_eq(got.as_bytes(), nonce.expose().as_bytes());
        if !claims.nonce.as_deref().is_some_and(fits) {
            return Err(IdTokenError::NonceMismatch);
        }
    }
    // defends: id-token-injection
    let hash = jose::at_hash(verified.algorithm(), access_token);
    if claims.at_hash.as_ref().is_some_and(|at_hash| *at_hash != hash) {
        return Err(IdTokenError::AccessTokenHash);
    }
    if rule.subject.as_ref().is_some_and(|subject| *subject != claims.sub) {
        return Err(IdTokenError::SubjectMismatch);
    }
    check_auth_time(claims.auth_time, rule.max_age, parties.now)?;
    Ok(Identity { verified, raw: raw.clone() })
}

// Asking with max_age is not enough: the request went through the browser, where it can be changed.
// defends: authentication-strength-bypass
fn check_auth_time(auth_time: Option<UnixTime>, max_age: Option<Seconds>, now: UnixTime) -> Result<(), IdTokenError> {
    let Some(max_age) = max_age else { return Ok(()) };
    let leeway = Expectation::DEFAULT_LEEWAY;
    let is_recent = |at: UnixTime| at <= now + leeway && now <= at + max_age + leeway;
    if auth_time.is_some_and(is_recent) { Ok(()) } else { Err(IdTokenError::AuthTime) }
}
