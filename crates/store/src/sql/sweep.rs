//! Removing what nobody can use any more, in small steps.
//!
//! Ids rise with time and so, roughly, do expiries. A step reads a window of ids beside the writer, and only what it finds
//! dead there goes to the writer: rows that live long cost the writer nothing.

use std::sync::{Arc, PoisonError};

use jose::UnixTime;
use protocol::handle::Id;
use rusqlite::{Connection, Result, params};

use super::Sqlite;
use super::rows::{self, execute, key};
use super::writer::Tally;
use crate::error::StoreError;
use crate::write::{Kind, Outcome, Write};

/// Where each table's next window begins.
#[derive(Default)]
pub(super) struct Cursors([Id; Kind::ALL.len()]);

/// Rows looked at for each row that may be removed.
const WINDOW: usize = 16;

/// The same condition finds and removes, so that what came back to life in between stays.
const fn dead(kind: Kind) -> &'static str {
    match kind {
        // A spent code stays as long as its grant, so that a replay is noticed however late.  defends: code-replay
        Kind::Code => "expires < ?2 AND (state <> 4 OR NOT EXISTS (SELECT 1 FROM grants WHERE id = codes.grant_id))",
        _ => "expires < ?2",
    }
}

const fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Access => "access_tokens",
        Kind::Code => "codes",
        Kind::Grant => "grants",
        Kind::Parked => "parked",
        Kind::Refresh => "refresh_tokens",
        Kind::Revoked => "revoked_tokens",
        Kind::Session => "sessions",
    }
}

pub(super) fn remove(
    connection: &Connection,
    tally: &mut Tally,
    kind: Kind,
    ids: &[Id],
    now: UnixTime,
) -> Result<Outcome> {
    let sql = format!("DELETE FROM {} WHERE id = ?1 AND {}", table(kind), dead(kind));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut removed = 0;
    for id in ids {
        removed += statement.execute(params![key(*id), now.0])?;
    }
    if kind == Kind::Parked {
        tally.parked = tally.parked.saturating_sub(removed as u64);
    }
    Ok(Outcome::Won(removed))
}

/// Tables without ids, by an index on time; and events beyond what is kept.
pub(super) fn keyless(
    connection: &Connection,
    tally: &mut Tally,
    now: UnixTime,
    limit: usize,
    kept_events: u64,
) -> Result<Outcome> {
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    // Not before its time: an id that is forgotten can be used again.  defends: client-assertion-replay
    let mut removed = execute(
        connection,
        "DELETE FROM assertions WHERE hash IN (SELECT hash FROM assertions WHERE until < ?1 ORDER BY until LIMIT ?2)",
        params![now.0, rows],
    )?;
    removed += execute(
        connection,
        "DELETE FROM consents WHERE (subject, client_id) IN \
         (SELECT subject, client_id FROM consents WHERE expires < ?1 ORDER BY expires LIMIT ?2)",
        params![now.0, rows],
    )?;
    let beyond = tally.events.saturating_sub(kept_events).min(limit as u64);
    if beyond > 0 {
        let old = execute(
            connection,
            "DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?1)",
            [beyond.cast_signed()],
        )?;
        tally.events = tally.events.saturating_sub(old as u64);
        removed += old;
    }
    Ok(Outcome::Won(removed))
}

impl Sqlite {
    pub(crate) async fn sweep(self: &Arc<Self>, now: UnixTime, limit: usize) -> std::result::Result<usize, StoreError> {
        let limit = limit.max(1);
        let mut removed = 0;
        for kind in Kind::ALL {
            let ids = self.find_dead(kind, now, limit).await?;
            if !ids.is_empty() {
                removed += self.write(Write::Sweep { kind, ids, now }).await?.1.rows();
            }
        }
        let kept_events = u64::from(self.options.kept_events);
        removed += self.write(Write::SweepKeyless { now, limit, kept_events }).await?.1.rows();
        Ok(removed)
    }

    async fn find_dead(
        self: &Arc<Self>,
        kind: Kind,
        now: UnixTime,
        limit: usize,
    ) -> std::result::Result<Vec<Id>, StoreError> {
        let place = kind as usize;
        let from = self.cursors.lock().unwrap_or_else(PoisonError::into_inner).0[place];
        let sql = format!("SELECT id, {} FROM {} WHERE id > ?1 ORDER BY id LIMIT ?3", dead(kind), table(kind));
        let window = limit.saturating_mul(WINDOW);
        let (ids, next) = self
            .aside(move |connection| {
                let mut statement = connection.prepare_cached(&sql)?;
                let rows_limit = i64::try_from(window).unwrap_or(i64::MAX);
                let mut rows = statement.query(params![key(from), now.0, rows_limit])?;
                let (mut ids, mut next, mut seen) = (Vec::new(), from, 0);
                while ids.len() < limit {
                    let Some(row) = rows.next()? else { break };
                    (next, seen) = (rows::id(row, 0)?, seen + 1);
                    if row.get(1)? {
                        ids.push(next);
                    }
                }
                // At the end of the table the next round begins.
                let whole = seen < window && ids.len() < limit;
                Ok((ids, if whole { Id::NONE } else { next }))
            })
            .await?;
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner).0[place] = next;
        Ok(ids)
    }
}
