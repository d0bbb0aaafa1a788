//! Browser sessions of the robot: in memory, bounded, swept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use client::{PendingAuthorization, TokenHolder};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, header};
use jose::{Seconds, UnixTime};

use super::journal::{Journal, Recorder};
use crate::{Secret, Surroundings};

const COOKIE: &str = "__Host-robot";
const IDLE: Seconds = Seconds(2 * 60 * 60);
const MAX_SESSIONS: usize = 2_000;

/// What one browser session holds.
pub(super) struct Session {
    id: Secret<String>,
    csrf: Secret<String>,
    state: Mutex<State>,
    /// What happened, for the panel.
    pub(super) journal: Arc<Journal>,
}

#[derive(Default)]
pub(super) struct State {
    /// The one authorization request that waits for an answer. A new one replaces it.
    pub(super) pending: Option<PendingAuthorization>,
    pub(super) connection: Option<Connection>,
    pub(super) notice: Option<Notice>,
}

/// What a finished login left.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) tokens: Arc<TokenHolder<Recorder>>,
    pub(super) who: String,
    pub(super) scope: Vec<String>,
}

/// One sentence for the next page.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) kind: &'static str,
    pub(super) text: String,
}

impl Notice {
    pub(super) fn good(text: impl Into<String>) -> Self {
        Self { kind: "good", text: text.into() }
    }

    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self { kind: "bad", text: text.into() }
    }
}

impl Session {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Every use puts a whole value in or takes one out, so a panic leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token that every form of this session carries.
    pub(super) fn csrf(&self) -> &str {
        self.csrf.expose()
    }

    /// Whether a form comes from a page of this session.
    pub(super) fn owns_form(&self, csrf: &str) -> bool {
        jose::constant_time_eq(csrf.as_bytes(), self.csrf.expose().as_bytes())
    }

    /// The `Set-Cookie` value. `__Host-` binds it to this host, without a domain that a neighbour could set.
    pub(super) fn cookie(&self) -> String {
        format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", self.id.expose())
    }
}

struct Row {
    session: Arc<Session>,
    last_used: UnixTime,
}

/// All sessions, by the hash of their cookie.
pub(super) struct Sessions {
    rows: Mutex<HashMap<[u8; 32], Row>>,
    surroundings: Surroundings,
}

impl Sessions {
    pub(super) fn new(surroundings: Surroundings) -> Self {
        Self { rows: Mutex::default(), surroundings }
    }

    /// The session of this browser, if it has one.
    pub(super) fn find(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let id = cookie(headers)?;
        let now = self.surroundings.now();
        let mut rows = self.rows();
        let row = rows.get_mut(&jose::sha256(id.as_bytes()))?;
        if now.saturating_since(row.last_used) > IDLE {
            return None;
        }
        row.last_used = now;
        Some(row.session.clone())
    }

    /// A new session, empty.
    pub(super) fn create(&self) -> Arc<Session> {
        self.insert(State::default(), Arc::default())
    }

    /// Moves what a session holds to a new cookie and form token, so that a cookie somebody planted before the login is
    /// worth nothing after it.
    pub(super) fn renew(&self, old: &Session) -> Arc<Session> {
        let state = std::mem::take(&mut *old.state());
        self.rows().remove(&jose::sha256(old.id.expose().as_bytes()));
        self.insert(state, old.journal.clone())
    }

    fn insert(&self, state: State, journal: Arc<Journal>) -> Arc<Session> {
        let draw = || Secret::new(BASE64URL_NOPAD.encode(&self.surroundings.draw::<32>()));
        let session = Arc::new(Session { id: draw(), csrf: draw(), state: Mutex::new(state), journal });
        let now = self.surroundings.now();
        let mut rows = self.rows();
        sweep(&mut rows, now);
        let key = jose::sha256(session.id.expose().as_bytes());
        rows.insert(key, Row { session: session.clone(), last_used: now });
        session
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<[u8; 32], Row>> {
        // Rows go in and out whole.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// Anybody can open sessions, so the number is capped and the longest unused goes first.  defends: dos-token-exhaustion
fn sweep(rows: &mut HashMap<[u8; 32], Row>, now: UnixTime) {
    rows.retain(|_, row| now.saturating_since(row.last_used) <= IDLE);
    while rows.len() >= MAX_SESSIONS {
        let Some(oldest) = rows.iter().min_by_key(|(_, row)| row.last_used).map(|(key, _)| *key) else { return };
        rows.remove(&oldest);
    }
}

/// The cookie's value, if it is there exactly once. Two of one name mean that somebody planted one.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut values = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE);
    let value = values.next()?.1.to_owned();
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use http::HeaderValue;

    use super::*;

    fn sessions() -> (Sessions, Arc<AtomicI64>) {
        let now = Arc::new(AtomicI64::new(1_800_000_000));
        let (clock, counter) = (now.clone(), AtomicU64::new(0));
        let entropy = move |bytes: &mut [u8]| {
            bytes[..8].copy_from_slice(&counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        };
        (Sessions::new(Surroundings::new(move || UnixTime(clock.load(Ordering::Relaxed)), entropy)), now)
    }

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|cookie| (header::COOKIE, HeaderValue::from_str(cookie).unwrap())).collect()
    }

    #[test]
    fn dos_token_exhaustion_sessions_are_capped_and_swept() {
        let (sessions, now) = sessions();
        let first = sessions.create();
        for _ in 0..MAX_SESSIONS + 10 {
            now.fetch_add(1, Ordering::Relaxed);
            sessions.create();
        }
        assert_eq!(sessions.rows().len(), MAX_SESSIONS);
        let cookie = format!("{COOKIE}={}", first.id.expose());
        assert!(sessions.find(&headers(&[&cookie])).is_none(), "the longest unused went first");
        now.fetch_add(i64::from(IDLE.0) + 1, Ordering::Relaxed);
        sessions.create();
        assert_eq!(sessions.rows().len(), 1);
    }

    #[test]
    fn a_cookie_counts_only_if_it_is_there_once() {
        let (sessions, _) = sessions();
        let cookie = format!("{COOKIE}={}", sessions.create().id.expose());
        assert!(sessions.find(&headers(&[&format!("a=b; {cookie}; c=d")])).is_some());
        for cookies in
            [&[cookie.as_str(), cookie.as_str()][..], &[&format!("{cookie}; {cookie}")], &["__Host-robot=x"], &[]]
        {
            assert!(sessions.find(&headers(cookies)).is_none(), "{cookies:?}");
        }
    }

    #[test]
    fn user_session_impersonation_a_renewed_session_leaves_the_old_cookie_dead() {
        let (sessions, _) = sessions();
        let old = sessions.create();
        old.state().notice = Some(Notice::good("kept"));
        let new = sessions.renew(&old);
        let cookie = |session: &Session| format!("{COOKIE}={}", session.id.expose());
        assert!(sessions.find(&headers(&[&cookie(&old)])).is_none());
        assert!(sessions.find(&headers(&[&cookie(&new)])).is_some_and(|found| found.state().notice.is_some()));
        assert!(!new.owns_form(old.csrf()) && new.owns_form(new.csrf()));
    }
}
