//! Requests that wait for people, and what people said before.

use protocol::handle::{Id, SecretHash};
use protocol::record::{ConsentRecord, ParkedRecord};
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::Sqlite;
use super::rows::{self, execute, key};
use super::writer::Tally;
use crate::error::StoreError;
use crate::write::{Caps, Outcome, Whose};

pub(super) fn park(connection: &Connection, tally: &mut Tally, record: &ParkedRecord, caps: Caps) -> Result<Outcome> {
    let own: i64 = connection
        .prepare_cached("SELECT count(*) FROM parked WHERE browser = ?1")?
        .query_row([&record.browser.0], |row| row.get(0))?;
    // defends: dos-token-exhaustion
    if own >= i64::from(caps.per_browser.max(1)) {
        let removed = execute(
            connection,
            "DELETE FROM parked WHERE id = (SELECT min(id) FROM parked WHERE browser = ?1)",
            [&record.browser.0],
        )?;
        tally.parked = tally.parked.saturating_sub(removed as u64);
    } else if tally.parked >= u64::from(caps.total) {
        return Ok(Outcome::Capped);
    }
    execute(
        connection,
        "INSERT INTO parked (id, browser, parameters, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![key(record.id), &record.browser.0, record.parameters, record.created.0, record.expires.0],
    )?;
    tally.parked += 1;
    Ok(Outcome::Won(1))
}

pub(super) fn take(connection: &Connection, tally: &mut Tally, id: Id, browser: &SecretHash) -> Result<Outcome> {
    let Some(record) = find(connection, id)? else { return Ok(Outcome::Lost) };
    // Another browser can neither take it nor take it away.  defends: cross-user-session-fixation
    if !record.browser.matches(browser) || execute(connection, "DELETE FROM parked WHERE id = ?1", [key(id)])? == 0 {
        return Ok(Outcome::Lost);
    }
    tally.parked = tally.parked.saturating_sub(1);
    Ok(Outcome::Parked(Box::new(record)))
}

fn find(connection: &Connection, id: Id) -> Result<Option<ParkedRecord>> {
    connection
        .prepare_cached("SELECT id, browser, parameters, created, expires FROM parked WHERE id = ?1")?
        .query_row([key(id)], rows::parked)
        .optional()
}

pub(super) fn forget_consents(connection: &Connection, whose: &Whose) -> Result<Outcome> {
    match whose {
        Whose::Client(id) => execute(connection, "DELETE FROM consents WHERE client_id = ?1", [id]),
        Whose::Subject(subject) => execute(connection, "DELETE FROM consents WHERE subject = ?1", [subject]),
    }
    .map(Outcome::Won)
}

impl Sqlite {
    pub(crate) fn parked(&self, id: Id) -> std::result::Result<Option<ParkedRecord>, StoreError> {
        self.readers.read(|connection| find(connection, id))
    }

    pub(crate) fn consent(
        &self,
        subject: &str,
        client_id: &str,
    ) -> std::result::Result<Option<ConsentRecord>, StoreError> {
        let generation = match self.cache.consent(subject, client_id) {
            Ok(consent) => return Ok(Some(consent)),
            Err(generation) => generation,
        };
        let found = self.readers.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT subject, client_id, redirect_uri, scope, resources, expires FROM consents \
                     WHERE subject = ?1 AND client_id = ?2",
                )?
                .query_row([subject, client_id], rows::consent)
                .optional()
        })?;
        if let Some(consent) = &found {
            self.cache.fill(generation, |rows| rows.keep_consent(consent.clone()));
        }
        Ok(found)
    }
}
