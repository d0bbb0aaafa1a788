//! The issuer's keys, cached. An unknown key id can make us look again, but not often.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use jose::{JwkSet, Seconds, UnixTime};
use tokio::sync::Mutex;

use crate::{Fetch, FetchError};

/// Between two fetches, whatever the callers send.
const PAUSE: Seconds = Seconds(60);
/// How long keys are trusted without a look, unless the answer's `max-age` says less or (up to the cap) more.
const DEFAULT_AGE: Seconds = Seconds(600);
const MAX_AGE: Seconds = Seconds(3600);

#[derive(Debug)]
pub(crate) struct KeyCache {
    uri: String,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    keys: Option<Arc<JwkSet>>,
    fresh_until: Option<UnixTime>,
    last_try: Option<UnixTime>,
}

impl Held {
    fn is_fresh(&self, now: UnixTime) -> bool {
        self.fresh_until.is_some_and(|end| now < end)
    }

    /// An outage must not turn away callers with good tokens, nor may keys that were withdrawn live on for long.
    fn usable(&self, now: UnixTime) -> Option<Arc<JwkSet>> {
        let end = self.fresh_until? + MAX_AGE;
        self.keys.clone().filter(|_| now < end)
    }
}

/// Why the keys are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A token arrived.
    Normally,
    /// A token names a key that the cached set does not have.
    UnknownKey,
}

impl KeyCache {
    pub(crate) fn new(uri: String) -> Self {
        Self { uri, held: Mutex::default() }
    }

    /// The keys. The lock is held over the fetch, so that many callers cause one.
    pub(crate) async fn get(
        &self,
        fetch: &impl Fetch,
        wanted: Wanted,
        now: UnixTime,
    ) -> Result<Arc<JwkSet>, FetchError> {
        let mut held = self.held.lock().await;
        // Anybody can invent key ids; the server hears of it once a minute at most.
        // defends: jwt-key-injection, dos-expensive-input
        let may_try = held.last_try.is_none_or(|last| now.saturating_since(last) >= PAUSE);
        if !may_try || (wanted == Wanted::Normally && held.is_fresh(now)) {
            return held.usable(now).ok_or(FetchError);
        }
        held.last_try = Some(now);
        match self.fetch(fetch).await {
            Ok((keys, age)) => {
                let keys = Arc::new(keys);
                *held = Held { keys: Some(keys.clone()), fresh_until: Some(now + age), last_try: Some(now) };
                Ok(keys)
            }
            Err(error) => held.usable(now).ok_or(error),
        }
    }

    async fn fetch(&self, fetch: &impl Fetch) -> Result<(JwkSet, Seconds), FetchError> {
        let request = Request::get(&self.uri)
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .body(Bytes::new())
            .map_err(|_| FetchError)?;
        let answer = fetch.fetch(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError);
        }
        let text = std::str::from_utf8(answer.body()).map_err(|_| FetchError)?;
        let keys = JwkSet::parse(text).map_err(|_| FetchError)?;
        Ok((keys, age(&answer)))
    }
}

fn age(answer: &Response<Bytes>) -> Seconds {
    let control = answer.headers().get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let stated = control.split(',').find_map(|part| part.trim().strip_prefix("max-age="));
    let age = stated.and_then(|text| text.parse().ok()).map_or(DEFAULT_AGE, Seconds);
    age.clamp(PAUSE, MAX_AGE)
}
