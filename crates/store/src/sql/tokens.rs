//! What ends codes, tokens and grants, and what is seen once.

use jose::UnixTime;
use protocol::client_auth::AssertionId;
use protocol::handle::Id;
use protocol::record::EndReason;
use rusqlite::{Connection, Result, params};

use super::rows::{execute, key};
use crate::write::Outcome;

pub(super) fn burn_code(connection: &Connection, id: Id) -> Result<Outcome> {
    // A spent code stays spent: were it burned, its replay would go unnoticed.  defends: code-replay
    execute(connection, "UPDATE codes SET state = 3 WHERE id = ?1 AND state = 2", [key(id)]).map(Outcome::Won)
}

pub(super) fn end_grants(connection: &Connection, ids: &[Id], reason: EndReason, now: UnixTime) -> Result<Outcome> {
    let mut ended = 0;
    for id in ids {
        ended += execute(
            connection,
            "UPDATE grants SET ended = ?2, end_reason = ?3 WHERE id = ?1 AND ended IS NULL",
            params![key(*id), now.0, reason.as_str()],
        )?;
    }
    Ok(Outcome::Won(ended))
}

pub(super) fn confirm(connection: &Connection, grant: Id, token: Id) -> Result<Outcome> {
    execute(
        connection,
        "UPDATE grants SET confirmed = ?2 WHERE id = ?1 AND confirmed < ?2",
        params![key(grant), key(token)],
    )
    .map(Outcome::Won)
}

pub(super) fn revoke_access(connection: &Connection, id: Id, expires: UnixTime, now: UnixTime) -> Result<Outcome> {
    let deleted = execute(connection, "DELETE FROM access_tokens WHERE id = ?1", [key(id)])?;
    if deleted > 0 || expires < now {
        return Ok(Outcome::Won(deleted));
    }
    // No row: a JWT, which lives in its holder's hands and can only be remembered as ended.
    execute(
        connection,
        "INSERT INTO revoked_tokens (id, expires) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING",
        params![key(id), expires.0],
    )
    .map(Outcome::Won)
}

pub(super) fn first_use(connection: &Connection, id: &AssertionId) -> Result<Outcome> {
    // defends: client-assertion-replay
    execute(
        connection,
        "INSERT INTO assertions (hash, until) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
        params![&id.hash, id.until.0],
    )
    .map(Outcome::Won)
}
