//! The only way from a token to its claims.

use serde::Deserialize;

use crate::compact::Compact;
use crate::purpose::{Purpose, Registered};
use crate::strict::walk_object;
use crate::{Algorithm, JoseError, JwkSet, Seconds, UnixTime};

/// What a verifier insists on. Issuer, audience, algorithms and the time are not optional: a check that
/// can be left out is left out.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    issuer: &'a str,
    audience: ExpectedAudience<'a>,
    algorithms: &'a [Algorithm],
    now: UnixTime,
    leeway: Seconds,
    max_lifetime: Option<Seconds>,
    expiry: Expiry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    Ignored,
    Kept,
}

/// How `aud` must relate to the names of the one who verifies. Comparison is byte by byte.
#[derive(Clone, Copy, Debug)]
pub enum ExpectedAudience<'a> {
    /// At least one of the audiences is one of these. For tokens that may serve several parties.
    Contains(&'a [&'a str]),
    /// `aud` is one plain string and equal to one of these; an array is refused. For proofs that must
    /// not be usable anywhere else, such as client assertions.
    SoleString(&'a [&'a str]),
}

impl<'a> Expectation<'a> {
    /// How far clocks may differ unless [`Expectation::leeway`] says otherwise.
    pub const DEFAULT_LEEWAY: Seconds = Seconds(10);
    /// The most that [`Expectation::leeway`] grants.
    pub const MAX_LEEWAY: Seconds = Seconds(60);

    /// Expects a token of exactly this `issuer` for this `audience`, signed with one of `algorithms`, and
    /// valid at `now`.
    #[must_use]
    pub const fn new(
        issuer: &'a str,
        audience: ExpectedAudience<'a>,
        algorithms: &'a [Algorithm],
        now: UnixTime,
    ) -> Self {
        Expectation {
            issuer,
            audience,
            algorithms,
            now,
            leeway: Self::DEFAULT_LEEWAY,
            max_lifetime: None,
            expiry: Expiry::Kept,
        }
    }

    /// Grants that the sender's clock is ahead of `now` by so much, for `iat` and `nbf`; at most
    /// [`Expectation::MAX_LEEWAY`]. `exp` gets none: the sender chose it, and a dead token is dead.
    #[must_use]
    pub fn leeway(mut self, leeway: Seconds) -> Self {
        self.leeway = leeway.min(Self::MAX_LEEWAY);
        self
    }

    /// Refuses tokens that live longer than this, counted from `now` and, where the token has one, from
    /// `iat` (both plus the leeway). Replay memory is as long as the longest accepted life.
    #[must_use]
    pub fn max_lifetime(mut self, lifetime: Seconds) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// Accepts a token that is over. Lost: the proof that anybody still stands behind it. For an `id_token_hint`, which only
    /// says whom a client expects (OpenID Connect Core section 3.1.2.1), and for nothing else.
    #[must_use]
    pub fn danger_ignore_expiry(mut self) -> Self {
        self.expiry = Expiry::Ignored;
        self
    }

    // defends: jwt-claims-unchecked
    fn check(&self, claims: &Registered<'_>) -> Result<(), JoseError> {
        // RFC 8725 section 3.8: exact strings, no prefixes, no case folding.
        if claims.iss != self.issuer {
            return Err(JoseError::Issuer);
        }
        let meant = match self.audience {
            ExpectedAudience::Contains(names) => names.iter().any(|name| claims.aud.contains(name)),
            ExpectedAudience::SoleString(names) => claims.aud.sole().is_some_and(|sole| names.contains(&sole)),
        };
        if !meant {
            return Err(JoseError::Audience);
        }
        // RFC 7519 section 4.1.4: "on or after" exp it is over.
        if claims.exp <= self.now && self.expiry == Expiry::Kept {
            return Err(JoseError::Expired);
        }
        let latest_start = self.now + self.leeway;
        if claims.nbf.is_some_and(|nbf| nbf > latest_start) || claims.iat.is_some_and(|iat| iat > latest_start) {
            return Err(JoseError::NotYetValid);
        }
        if let Some(lifetime) = self.max_lifetime {
            let from = claims.iat.map_or(self.now, |iat| iat.min(self.now));
            if claims.exp > from + lifetime + self.leeway {
                return Err(JoseError::LifetimeTooLong);
            }
        }
        Ok(())
    }
}

/// Claims whose signature, kind, issuer, audience and time were checked. Only [`verify`] makes one, so
/// holding it is the proof. It says nothing about replay: whoever needs a token to be used once must
/// remember its `jti`.
///
/// ```compile_fail,E0451
/// fn forge(claims: jose::IdToken) -> jose::Verified<jose::IdToken> {
///     jose::Verified { claims, kid: String::new(), algorithm: jose::Algorithm::Es256 }
/// }
/// ```
/// ```compile_fail,E0624
/// fn forge(claims: jose::IdToken) -> jose::Verified<jose::IdToken> {
///     jose::Verified::assertion(claims, String::new(), jose::Algorithm::Es256)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Verified<P> {
    claims: P,
    kid: String,
    algorithm: Algorithm,
}

impl<P: Purpose> Verified<P> {
    /// States that `claims` were verified with this key. Every call is a place where a proof begins.
    pub(crate) fn assertion(claims: P, kid: String, algorithm: Algorithm) -> Self {
        Verified { claims, kid, algorithm }
    }

    /// The claims.
    pub fn claims(&self) -> &P {
        &self.claims
    }

    /// The claims, giving up the proof.
    pub fn into_claims(self) -> P {
        self.claims
    }

    /// The `kid` of the key that verified, as the key set has it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm of that key.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Verifies a compact JWS of kind `P` with one of `keys`: form, header, key, signature, then claims. No
/// claim is looked at before the signature is right.
///
/// # Errors
/// Any [`JoseError`] but those about reading keys. None of them should be told apart on the wire: the
/// difference between a bad signature and a bad claim helps only those who have no good token.
pub fn verify<P: Purpose>(token: &str, keys: &JwkSet, expect: &Expectation<'_>) -> Result<Verified<P>, JoseError> {
    let parts = Compact::split(token)?;
    let header = parts.header()?;
    // defends: jwt-algorithm-substitution
    if !expect.algorithms.contains(&header.algorithm) {
        return Err(JoseError::Algorithm);
    }
    // defends: jwt-type-confusion
    if !P::typ_accepted(header.typ.as_deref()) {
        return Err(JoseError::Type);
    }
    let key = keys.select(header.kid.as_deref(), header.algorithm)?;
    key.verify(parts.signed, &parts.signature()?)?;
    let claims: P = read_claims(&parts.payload()?)?;
    expect.check(&claims.registered())?;
    Ok(Verified::assertion(claims, key.kid().to_owned(), key.algorithm()))
}

fn read_claims<P: Purpose>(json: &[u8]) -> Result<P, JoseError> {
    let mut found = 0u64;
    walk_object(json, &mut |name| {
        if P::FORBIDDEN.contains(&name) {
            return Err(JoseError::Type);
        }
        if let Some(index) = P::REQUIRED.iter().position(|required| *required == name) {
            found |= 1 << index;
        }
        Ok(())
    })?;
    // defends: jwt-claims-unchecked
    if let Some(missing) = (0..P::REQUIRED.len()).find(|index| found & (1 << index) == 0) {
        return Err(JoseError::MissingClaim(P::REQUIRED[missing]));
    }
    let claims: P = serde_json::from_slice(json).map_err(|_| JoseError::ClaimType)?;
    claims.check()?;
    Ok(claims)
}

/// Whom an unverified client assertion claims to come from. A claim, not a fact: use it to look up the
/// client whose keys the assertion must then verify with, and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedClient(Claimed);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Claimed {
    iss: String,
    sub: String,
}

impl ClaimedClient {
    /// Reads `iss` and `sub` without verifying anything.
    ///
    /// # Errors
    /// [`JoseError::TooLong`], [`JoseError::Malformed`], [`JoseError::Encrypted`],
    /// [`JoseError::Duplicate`] or [`JoseError::TooDeep`] for texts that cannot be a token;
    /// [`JoseError::MissingClaim`] or [`JoseError::ClaimType`] if the two are not strings.
    pub fn read(token: &str) -> Result<Self, JoseError> {
        let json = Compact::split(token)?.payload()?;
        let (mut iss, mut sub) = (false, false);
        walk_object(&json, &mut |name| {
            iss |= name == "iss";
            sub |= name == "sub";
            Ok(())
        })?;
        if !iss {
            return Err(JoseError::MissingClaim("iss"));
        }
        if !sub {
            return Err(JoseError::MissingClaim("sub"));
        }
        serde_json::from_slice(&json).map(ClaimedClient).map_err(|_| JoseError::ClaimType)
    }

    /// The claimed issuer.
    #[must_use]
    pub fn iss(&self) -> &str {
        &self.0.iss
    }

    /// The claimed subject.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.0.sub
    }
}
