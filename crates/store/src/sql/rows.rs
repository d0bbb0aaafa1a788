//! Rows to records and back.

use protocol::UnixTime;
use protocol::handle::{Id, SecretHash};
use protocol::oidc::claims::ClaimsRequest;
use protocol::record::{
    AccessRecord, Authentication, CodeRecord, CodeState, ConsentRecord, GrantRecord, Offline, Owner, OwnerStatus,
    ParkedRecord, RefreshRecord, RefreshState, SessionRecord, UserRecord,
};
use protocol::scope::ScopeSet;
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Params, Result, Row};

pub(super) const CODE: &str = "c.id, c.hash, c.redirect_uri, c.challenge, c.nonce, c.expires, c.state";
pub(super) const CODE_COLUMNS: usize = 7;
pub(super) const REFRESH: &str = "r.id, r.hash, r.expires, r.state, r.successor";
pub(super) const REFRESH_COLUMNS: usize = 5;
pub(super) const ACCESS: &str =
    "a.id, a.hash, a.grant_id, a.client_id, a.subject, a.scope, a.audience, a.issued, a.expires";
pub(super) const ACCESS_COLUMNS: usize = 9;
pub(super) const GRANT: &str = "g.id, g.client_id, g.subject, g.scope, g.resources, g.auth_time, g.acr, g.amr, g.session_id, \
    g.claims, g.created, g.expires, g.ended, g.last_used, g.confirmed, g.offline";
pub(super) const GRANT_COLUMNS: usize = 16;
pub(super) const OWNER: &str = "u.subject, u.status, u.claims";

/// Runs a statement that the connection keeps prepared; answers how many rows changed.
pub(super) fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    connection.prepare_cached(sql)?.execute(params)
}

/// SQLite's integers are signed; ids have 63 bits.
pub(super) fn key(id: Id) -> i64 {
    id.0.cast_signed()
}

pub(super) fn id(row: &Row, at: usize) -> Result<Id> {
    row.get(at).map(|key: i64| Id(key.cast_unsigned()))
}

pub(super) fn time(row: &Row, at: usize) -> Result<UnixTime> {
    row.get(at).map(UnixTime)
}

fn unreadable(at: usize, kind: Type) -> Error {
    Error::FromSqlConversionFailure(at, kind, "not written by this program".into())
}

fn hash(row: &Row, at: usize) -> Result<SecretHash> {
    row.get(at).map(SecretHash)
}

fn text<T>(row: &Row, at: usize, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    let text = row.get_ref(at)?.as_str().map_err(|_| unreadable(at, Type::Text))?;
    read(text).ok_or_else(|| unreadable(at, Type::Text))
}

fn scope(row: &Row, at: usize) -> Result<ScopeSet> {
    text(row, at, ScopeSet::parse)
}

fn list(row: &Row, at: usize) -> Result<Vec<String>> {
    text(row, at, |text| if text.is_empty() { Some(Vec::new()) } else { serde_json::from_str(text).ok() })
}

/// A list of words as one column: JSON, or nothing at all for none.
pub(super) fn list_text(list: &[String]) -> String {
    if list.is_empty() { String::new() } else { json(&list) }
}

pub(super) fn json(value: &impl serde::Serialize) -> String {
    // Records of strings and numbers always serialize; were one not to, the empty text is refused when it is read.
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn claims_text(claims: &ClaimsRequest) -> String {
    if claims.is_empty() { String::new() } else { json(claims) }
}

fn authentication(row: &Row, at: usize) -> Result<Authentication> {
    Ok(Authentication {
        time: time(row, at)?,
        acr: row.get(at + 1)?,
        amr: list(row, at + 2)?,
        session: id(row, at + 3)?,
    })
}

/// Reads [`GRANT`] from column `at` on.
pub(super) fn grant(row: &Row, at: usize) -> Result<GrantRecord> {
    let grant = id(row, at)?;
    Ok(GrantRecord {
        id: grant,
        client_id: row.get(at + 1)?,
        subject: row.get(at + 2)?,
        scope: scope(row, at + 3)?,
        resources: list(row, at + 4)?,
        authentication: authentication(row, at + 5)?,
        claims: text(row, at + 9, |text| {
            if text.is_empty() { Some(ClaimsRequest::default()) } else { serde_json::from_str(text).ok() }
        })?,
        created: time(row, at + 10)?,
        expires: time(row, at + 11)?,
        ended: row.get::<_, Option<i64>>(at + 12)?.map(UnixTime),
        last_used: time(row, at + 13)?,
        // See the schema: its own id stands for nothing.
        confirmed: Some(id(row, at + 14)?).filter(|confirmed| *confirmed != grant).unwrap_or(Id::NONE),
        offline: offline(row, at + 15)?,
    })
}

pub(super) const fn offline_number(offline: Offline) -> i64 {
    match offline {
        Offline::Allowed => 1,
        Offline::Refused => 0,
    }
}

fn offline(row: &Row, at: usize) -> Result<Offline> {
    match row.get(at)? {
        1i64 => Ok(Offline::Allowed),
        0i64 => Ok(Offline::Refused),
        _ => Err(unreadable(at, Type::Integer)),
    }
}

pub(super) const fn status_number(status: OwnerStatus) -> i64 {
    match status {
        OwnerStatus::Active => 0,
        OwnerStatus::Locked => 1,
    }
}

pub(super) fn status(row: &Row, at: usize) -> Result<OwnerStatus> {
    match row.get(at)? {
        0i64 => Ok(OwnerStatus::Active),
        1 => Ok(OwnerStatus::Locked),
        _ => Err(unreadable(at, Type::Integer)),
    }
}

/// Reads [`OWNER`].
pub(super) fn owner(row: &Row, at: usize) -> Result<Owner> {
    Ok(Owner { subject: row.get(at)?, status: status(row, at + 1)?, claims: row.get(at + 2)? })
}

const CODE_ACTIVE: i64 = 2;
const CODE_BURNED: i64 = 3;
const CODE_SPENT: i64 = 4;

pub(super) fn code_state(state: CodeState) -> i64 {
    match state {
        CodeState::Active => CODE_ACTIVE,
        CodeState::Burned => CODE_BURNED,
        CodeState::Spent => CODE_SPENT,
    }
}

/// Reads [`CODE`].
pub(super) fn code(row: &Row, at: usize) -> Result<CodeRecord> {
    let state = match row.get(at + 6)? {
        CODE_ACTIVE => CodeState::Active,
        CODE_BURNED => CodeState::Burned,
        CODE_SPENT => CodeState::Spent,
        _ => return Err(unreadable(at + 6, Type::Integer)),
    };
    Ok(CodeRecord {
        id: id(row, at)?,
        hash: hash(row, at + 1)?,
        redirect_uri: row.get(at + 2)?,
        challenge: row.get(at + 3)?,
        nonce: row.get(at + 4)?,
        expires: time(row, at + 5)?,
        state,
    })
}

const REFRESH_ACTIVE: i64 = 2;
const REFRESH_ROTATED: i64 = 3;
const REFRESH_SUPERSEDED: i64 = 4;

/// Reads a state and the successor in the column after it.
pub(super) fn refresh_state(row: &Row, at: usize) -> Result<RefreshState> {
    match row.get(at)? {
        REFRESH_ACTIVE => Ok(RefreshState::Active),
        REFRESH_ROTATED => Ok(RefreshState::Rotated(id(row, at + 1)?)),
        REFRESH_SUPERSEDED => Ok(RefreshState::Superseded),
        _ => Err(unreadable(at, Type::Integer)),
    }
}

/// Reads [`REFRESH`].
pub(super) fn refresh(row: &Row, at: usize) -> Result<RefreshRecord> {
    Ok(RefreshRecord {
        id: id(row, at)?,
        hash: hash(row, at + 1)?,
        expires: time(row, at + 2)?,
        state: refresh_state(row, at + 3)?,
    })
}

/// Reads [`ACCESS`].
pub(super) fn access(row: &Row, at: usize) -> Result<AccessRecord> {
    Ok(AccessRecord {
        id: id(row, at)?,
        hash: hash(row, at + 1)?,
        grant: id(row, at + 2)?,
        client_id: row.get(at + 3)?,
        subject: row.get(at + 4)?,
        scope: scope(row, at + 5)?,
        audience: list(row, at + 6)?,
        issued: time(row, at + 7)?,
        expires: time(row, at + 8)?,
    })
}

/// Reads `id, hash, subject, username, auth_time, acr, amr, session_id, expires`.
pub(super) fn session(row: &Row) -> Result<SessionRecord> {
    Ok(SessionRecord {
        id: id(row, 0)?,
        hash: hash(row, 1)?,
        subject: row.get(2)?,
        username: row.get(3)?,
        authentication: authentication(row, 4)?,
        expires: time(row, 8)?,
    })
}

/// Reads `id, browser, parameters, created, expires`.
pub(super) fn parked(row: &Row) -> Result<ParkedRecord> {
    Ok(ParkedRecord {
        id: id(row, 0)?,
        browser: hash(row, 1)?,
        parameters: row.get(2)?,
        created: time(row, 3)?,
        expires: time(row, 4)?,
    })
}

/// Reads `subject, client_id, redirect_uri, scope, resources, expires`.
pub(super) fn consent(row: &Row) -> Result<ConsentRecord> {
    Ok(ConsentRecord {
        subject: row.get(0)?,
        client_id: row.get(1)?,
        redirect_uri: row.get(2)?,
        scope: scope(row, 3)?,
        resources: list(row, 4)?,
        expires: time(row, 5)?,
    })
}

/// Reads `subject, username, password, status, claims, created`.
pub(super) fn user(row: &Row) -> Result<UserRecord> {
    Ok(UserRecord {
        subject: row.get(0)?,
        username: row.get(1)?,
        password: row.get(2)?,
        status: status(row, 3)?,
        claims: row.get(4)?,
        created: time(row, 5)?,
    })
}
