//! Accounts and sessions.

use std::sync::Arc;

use protocol::UnixTime;
use protocol::handle::Id;
use protocol::record::{Owner, OwnerStatus, SessionRecord, UserRecord};
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::Sqlite;
use super::rows::{self, execute, key, list_text, status_number};
use crate::error::StoreError;
use crate::write::Outcome;

const USER: &str = "subject, username, password, status, claims, created";

pub(super) fn put_user(connection: &Connection, user: &UserRecord) -> Result<Outcome> {
    let holder: Option<String> = connection
        .prepare_cached("SELECT subject FROM users WHERE username = ?1")?
        .query_row([&user.username], |row| row.get(0))
        .optional()?;
    if holder.is_some_and(|holder| holder != user.subject) {
        return Ok(Outcome::Taken);
    }
    execute(
        connection,
        "INSERT INTO users (subject, username, password, status, claims, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (subject) DO UPDATE SET username = excluded.username, password = excluded.password, \
         status = excluded.status, claims = excluded.claims",
        params![user.subject, user.username, user.password, status_number(user.status), user.claims, user.created.0],
    )
    .map(Outcome::Won)
}

pub(super) fn set_status(connection: &Connection, subject: &str, status: OwnerStatus) -> Result<Outcome> {
    execute(connection, "UPDATE users SET status = ?2 WHERE subject = ?1", params![subject, status_number(status)])
        .map(Outcome::Won)
}

pub(super) fn remove_user(connection: &Connection, subject: &str) -> Result<Outcome> {
    execute(connection, "DELETE FROM users WHERE subject = ?1", [subject]).map(Outcome::Won)
}

pub(super) fn renew_password(connection: &Connection, subject: &str, from: &str, to: &str) -> Result<Outcome> {
    execute(connection, "UPDATE users SET password = ?3 WHERE subject = ?1 AND password = ?2", [subject, from, to])
        .map(Outcome::Won)
}

pub(super) fn put_session(connection: &Connection, session: &SessionRecord, checked: &str) -> Result<Outcome> {
    let authentication = &session.authentication;
    // The password took a while to check: it counts only if it is still the one.  defends: locked-account-token-issuance
    execute(
        connection,
        "INSERT INTO sessions (id, hash, subject, username, auth_time, acr, amr, session_id, expires) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 \
         WHERE EXISTS (SELECT 1 FROM users WHERE subject = ?3 AND status = ?10 AND password = ?11)",
        params![
            key(session.id),
            &session.hash.0,
            session.subject,
            session.username,
            authentication.time.0,
            authentication.acr,
            list_text(&authentication.amr),
            key(authentication.session),
            session.expires.0,
            status_number(OwnerStatus::Active),
            checked,
        ],
    )
    .map(Outcome::Won)
}

pub(super) fn extend_session(connection: &Connection, id: Id, expires: UnixTime) -> Result<Outcome> {
    execute(connection, "UPDATE sessions SET expires = ?2 WHERE id = ?1", params![key(id), expires.0]).map(Outcome::Won)
}

pub(super) fn end_sessions(connection: &Connection, ids: &[Id]) -> Result<Outcome> {
    let mut ended = 0;
    for id in ids {
        ended += execute(connection, "DELETE FROM sessions WHERE id = ?1", [key(*id)])?;
    }
    Ok(Outcome::Won(ended))
}

impl Sqlite {
    pub(crate) fn session(&self, id: Id) -> std::result::Result<Option<(SessionRecord, OwnerStatus)>, StoreError> {
        let generation = match self.cache.session(id) {
            Ok(session) => return Ok(Some(session)),
            Err(generation) => generation,
        };
        let found = self.readers.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT s.id, s.hash, s.subject, s.username, s.auth_time, s.acr, s.amr, s.session_id, s.expires, \
                     u.subject, u.status, u.claims FROM sessions s JOIN users u ON u.subject = s.subject WHERE s.id = ?1",
                )?
                .query_row([key(id)], |row| Ok((rows::session(row)?, rows::owner(row, 9)?)))
                .optional()
        })?;
        Ok(found.map(|(session, owner)| {
            let status = owner.status;
            self.cache.fill(generation, |rows| {
                rows.keep_session(session.clone());
                rows.keep_owner(owner);
            });
            (session, status)
        }))
    }

    pub(crate) async fn sessions_of(self: &Arc<Self>, subject: String) -> std::result::Result<Vec<Id>, StoreError> {
        self.aside(move |connection| {
            connection
                .prepare_cached("SELECT id FROM sessions WHERE subject = ?1")?
                .query_map([subject], |row| rows::id(row, 0))?
                .collect()
        })
        .await
    }

    pub(crate) fn user_by_name(&self, username: &str) -> std::result::Result<Option<UserRecord>, StoreError> {
        self.user(&format!("SELECT {USER} FROM users WHERE username = ?1"), username)
    }

    pub(crate) fn user_by_subject(&self, subject: &str) -> std::result::Result<Option<UserRecord>, StoreError> {
        self.user(&format!("SELECT {USER} FROM users WHERE subject = ?1"), subject)
    }

    fn user(&self, sql: &str, value: &str) -> std::result::Result<Option<UserRecord>, StoreError> {
        self.readers.read(|connection| connection.prepare_cached(sql)?.query_row([value], rows::user).optional())
    }

    pub(crate) async fn users(self: &Arc<Self>) -> std::result::Result<Vec<UserRecord>, StoreError> {
        self.aside(|connection| {
            connection
                .prepare_cached(&format!("SELECT {USER} FROM users ORDER BY username"))?
                .query_map([], rows::user)?
                .collect()
        })
        .await
    }
}

/// What tokens need of an account.
pub(super) fn owner_of(user: &UserRecord) -> Owner {
    Owner { subject: user.subject.clone(), status: user.status, claims: user.claims.clone() }
}
