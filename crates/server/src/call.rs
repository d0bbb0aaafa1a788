//! One request as the endpoints see it: an id, a time, an address, headers.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use protocol::UnixTime;
use protocol::handle::{Draw, Id};

use crate::app::Shared;
use crate::clock::UnixMillis;
use crate::edge::Peer;
use crate::entropy::Entropy;

/// A request's surroundings.
pub struct Call {
    /// Names the request in answers, logs and events.
    pub id: Id,
    /// When it came. Every decision about it uses this one time.
    pub now: UnixTime,
    /// The same, finer.
    pub millis: UnixMillis,
    /// From where it came.
    pub peer: Peer,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its query, as received.
    pub query: Option<String>,
}

impl Call {
    /// A header that must not come twice; twice counts as unreadable.
    pub fn sole_header(&self, name: header::HeaderName) -> Option<&[u8]> {
        let mut all = self.headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (Some(one), None) => Some(one.as_bytes()),
            (Some(_), Some(_)) => Some(b"repeated"),
            (None, _) => None,
        }
    }

    /// The Authorization header.
    pub fn authorization(&self) -> Option<&[u8]> {
        self.sole_header(header::AUTHORIZATION)
    }
}

impl FromRequestParts<Shared> for Call {
    type Rejection = axum::http::StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Call, Self::Rejection> {
        // Every request passes our listener, which puts the peer in; without it there is no address to trust.
        let peer = *parts.extensions.get::<Peer>().ok_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR)?;
        let millis = app.clock.now_millis();
        Ok(Call {
            id: Id(app.entropy.next_id(millis)),
            now: millis.to_unix_time(),
            millis,
            peer,
            headers: std::mem::take(&mut parts.headers),
            query: parts.uri.query().map(str::to_owned),
        })
    }
}

/// Ids and secrets for one decision.
pub struct Drawing<'a> {
    entropy: &'a Entropy,
    now: UnixMillis,
}

impl<'a> Drawing<'a> {
    /// Draws from `entropy` at `now`.
    pub fn new(entropy: &'a Entropy, now: UnixMillis) -> Drawing<'a> {
        Drawing { entropy, now }
    }
}

impl Draw for Drawing<'_> {
    fn id(&mut self) -> Id {
        Id(self.entropy.next_id(self.now))
    }

    fn secret(&mut self) -> [u8; 32] {
        // A server without randomness must not answer: the panic ends this request with a 500, and nothing was issued.
        self.entropy.bytes().expect("the system's random source works")
    }
}
