//! The audit trail, and the write that only shows that writing works.

use protocol::handle::Id;
use protocol::record::EventRecord;
use rusqlite::{Connection, Result, Row, params};

use super::Sqlite;
use super::rows::{execute, json, key};
use super::writer::Tally;
use crate::error::StoreError;
use crate::write::Outcome;

pub(super) fn append(connection: &Connection, tally: &mut Tally, event: &EventRecord) -> Result<Outcome> {
    let inserted =
        execute(connection, "INSERT INTO events (id, record) VALUES (?1, ?2)", params![key(event.id), json(event)])?;
    tally.events += 1;
    Ok(Outcome::Won(inserted))
}

/// Pages that a probe needs for a moment: where they are not to be had, nothing new fits either.
const PROBE: [u8; 16_384] = [0; 16_384];

pub(super) fn probe(connection: &Connection) -> Result<Outcome> {
    execute(connection, "INSERT INTO probe (id, count, filler) VALUES (2, 0, ?1)", [&PROBE])?;
    execute(connection, "DELETE FROM probe WHERE id = 2", [])?;
    execute(
        connection,
        "INSERT INTO probe (id, count, filler) VALUES (1, 1, ?1) ON CONFLICT (id) DO UPDATE SET count = probe.count + 1",
        [&PROBE[..0]],
    )
    .map(Outcome::Won)
}

impl Sqlite {
    /// The newest id of any table whose ids are drawn on the way of requests.
    pub(crate) fn newest_id(&self) -> std::result::Result<Option<Id>, StoreError> {
        let newest: Option<i64> = self.readers.read(|connection| {
            connection.query_row(
                "SELECT max(id) FROM (SELECT max(id) AS id FROM grants UNION ALL SELECT max(id) FROM codes \
                 UNION ALL SELECT max(id) FROM refresh_tokens UNION ALL SELECT max(id) FROM access_tokens \
                 UNION ALL SELECT max(id) FROM sessions UNION ALL SELECT max(id) FROM events)",
                [],
                |row| row.get(0),
            )
        })?;
        Ok(newest.and_then(|id| u64::try_from(id).ok()).map(Id))
    }

    pub(crate) fn events(&self, after: Option<Id>, limit: usize) -> std::result::Result<Vec<EventRecord>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        // An event of a kind that this release does not know any more is left out rather than all the others.
        let read = |row: &Row| Ok(serde_json::from_str(row.get_ref(0)?.as_str().unwrap_or_default()).ok());
        let mut events: Vec<Option<EventRecord>> = self.readers.read(|connection| match after {
            Some(after) => connection
                .prepare_cached("SELECT record FROM events WHERE id > ?1 ORDER BY id LIMIT ?2")?
                .query_map(params![key(after), limit], read)?
                .collect(),
            None => connection
                .prepare_cached("SELECT record FROM events ORDER BY id DESC LIMIT ?1")?
                .query_map([limit], read)?
                .collect(),
        })?;
        if after.is_none() {
            events.reverse();
        }
        Ok(events.into_iter().flatten().collect())
    }
}
