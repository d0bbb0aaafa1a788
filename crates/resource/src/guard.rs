//! The check of one call, with the requests that it needs.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{Request, header, request::Parts};
use jose::{JoseError, UnixTime};
use protocol::{
    relying::{ClientIdentity, Moment},
    resource::{Access, BearerToken, Refusal, Requirement, TokenRule},
    signal::Signal,
};

use crate::{
    Fetch, Rejection,
    keys::{KeyCache, Wanted},
};

/// How tokens are checked.
#[derive(Clone, Debug)]
pub enum TokenCheck {
    /// The authorization server is asked about every token (RFC 7662). A revoked token is refused at once.
    Introspection {
        /// The introspection endpoint, an absolute URL.
        endpoint: String,
        /// This API as a client that may introspect.
        identity: ClientIdentity,
    },
    /// JWT access tokens (RFC 9068), with cached keys. Fast; a revoked token works until it expires.
    Jwt {
        /// The issuer's `jwks_uri`, an absolute URL.
        jwks_uri: String,
    },
}

type OnSignal = dyn Fn(Signal, UnixTime) + Send + Sync;
type Clock = dyn Fn() -> UnixTime + Send + Sync;
type Entropy = dyn Fn(&mut [u8]) + Send + Sync;

/// Guards one API. Cheap to clone; all clones share the key cache.
pub struct Guard<F> {
    shared: Arc<Shared<F>>,
}

struct Shared<F> {
    rule: TokenRule,
    check: Check,
    fetch: F,
    clock: Box<Clock>,
    entropy: Box<Entropy>,
    on_signal: Box<OnSignal>,
}

enum Check {
    Introspection { endpoint: String, identity: ClientIdentity },
    Jwt(KeyCache),
}

impl<F: Fetch> Guard<F> {
    /// A guard that accepts what `rule` accepts. Makes no request yet.
    ///
    /// `clock` answers the current time: one that stands still keeps expired tokens alive. `entropy` fills the slice with
    /// random bytes for client assertions.
    pub fn new(
        rule: TokenRule,
        check: TokenCheck,
        fetch: F,
        clock: impl Fn() -> UnixTime + Send + Sync + 'static,
        entropy: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self::with_signals(rule, check, fetch, clock, entropy, |_, _| {})
    }

    /// As [`new`](Self::new), and `on_signal` hears of every refusal that the threat ledger names, and when. Must not block.
    // defends: attack-goes-unnoticed
    pub fn with_signals(
        rule: TokenRule,
        check: TokenCheck,
        fetch: F,
        clock: impl Fn() -> UnixTime + Send + Sync + 'static,
        entropy: impl Fn(&mut [u8]) + Send + Sync + 'static,
        on_signal: impl Fn(Signal, UnixTime) + Send + Sync + 'static,
    ) -> Self {
        let check = match check {
            TokenCheck::Introspection { endpoint, identity } => Check::Introspection { endpoint, identity },
            TokenCheck::Jwt { jwks_uri } => Check::Jwt(KeyCache::new(jwks_uri)),
        };
        let (clock, entropy, on_signal) = (Box::new(clock), Box::new(entropy), Box::new(on_signal));
        Self { shared: Arc::new(Shared { rule, check, fetch, clock, entropy, on_signal }) }
    }

    /// Checks the call against what its route demands. `parts` is the head of the request as it arrived.
    pub async fn authorize(&self, parts: &Parts, requirement: &Requirement) -> Result<Access, Rejection> {
        let shared = &self.shared;
        let outcome = async {
            let values = parts.headers.get_all(header::AUTHORIZATION).iter().map(|value| value.as_bytes());
            let token = BearerToken::from_request(values, parts.uri.query())?;
            let access = shared.access(&token).await?;
            requirement.check(&access, (shared.clock)())?;
            Ok(access)
        };
        outcome.await.map_err(|refusal: Refusal| {
            if let Some(signal) = refusal.signal() {
                (shared.on_signal)(signal, (shared.clock)());
            }
            Rejection::new(refusal, requirement.scope())
        })
    }
}

impl<F: Fetch> Shared<F> {
    async fn access(&self, token: &BearerToken) -> Result<Access, Refusal> {
        match &self.check {
            Check::Introspection { endpoint, identity } => self.introspect(endpoint, identity, token).await,
            Check::Jwt(cache) => self.check_jwt(cache, token).await,
        }
    }

    async fn check_jwt(&self, cache: &KeyCache, token: &BearerToken) -> Result<Access, Refusal> {
        let now = (self.clock)();
        let keys = cache.get(&self.fetch, Wanted::Normally, now).await.map_err(|_| Refusal::Unavailable)?;
        match self.rule.check_jwt(token, &keys, now) {
            Err(Refusal::Jwt(JoseError::KeyNotFound)) => {
                let keys = cache.get(&self.fetch, Wanted::UnknownKey, now).await.map_err(|_| Refusal::Unavailable)?;
                self.rule.check_jwt(token, &keys, now)
            }
            other => other,
        }
    }

    async fn introspect(
        &self,
        endpoint: &str,
        identity: &ClientIdentity,
        token: &BearerToken,
    ) -> Result<Access, Refusal> {
        let mut random = [0; 16];
        (self.entropy)(&mut random);
        let moment = Moment { now: (self.clock)(), random };
        let form =
            self.rule.introspection_request(endpoint, token, identity, moment).map_err(|_| Refusal::Unavailable)?;
        let mut request = Request::post(form.endpoint())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = form.authorization() {
            request = request.header(header::AUTHORIZATION, authorization.expose().as_str());
        }
        let body = Bytes::copy_from_slice(form.body().expose().as_bytes());
        let request = request.body(body).map_err(|_| Refusal::Unavailable)?;
        let answer = self.fetch.fetch(request).await.map_err(|_| Refusal::Unavailable)?;
        self.rule.check_introspection(answer.status().as_u16(), answer.body(), (self.clock)())
    }
}

impl<F> Clone for Guard<F> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<F> fmt::Debug for Guard<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("rule", &self.shared.rule).finish_non_exhaustive()
    }
}
