//! Peeking: from the cache if all of it is there, else with one SELECT, so that either way it is as of one moment.

use std::sync::LazyLock;

use protocol::handle::Id;
use protocol::record::{AccessRecord, PeekedAccess, PeekedCode, PeekedRefresh};
use rusqlite::OptionalExtension;

use super::Sqlite;
use super::rows::{
    self, ACCESS, ACCESS_COLUMNS, CODE, CODE_COLUMNS, GRANT, GRANT_COLUMNS, OWNER, REFRESH, REFRESH_COLUMNS, key,
};
use crate::error::StoreError;

// An account that is gone takes its grants' row out of every join: nothing of it can be used any more.
// defends: revocation-incomplete
static PEEK_CODE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {CODE}, {GRANT}, {OWNER} FROM codes c JOIN grants g ON g.id = c.grant_id \
         JOIN users u ON u.subject = g.subject WHERE c.id = ?1"
    )
});
static PEEK_REFRESH: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {REFRESH}, {GRANT}, {OWNER}, n.state, n.successor FROM refresh_tokens r \
         JOIN grants g ON g.id = r.grant_id JOIN users u ON u.subject = g.subject \
         LEFT JOIN refresh_tokens n ON n.id = r.successor AND n.id <> r.id WHERE r.id = ?1"
    )
});
static PEEK_ACCESS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {ACCESS}, {GRANT}, {OWNER} FROM access_tokens a LEFT JOIN grants g ON g.id = a.grant_id \
         LEFT JOIN users u ON u.subject = g.subject WHERE a.id = ?1"
    )
});
static PEEK_GRANT: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {GRANT}, {OWNER} FROM grants g JOIN users u ON u.subject = g.subject WHERE g.id = ?1")
});

impl Sqlite {
    pub(crate) fn peek_code(&self, id: Id) -> Result<Option<PeekedCode>, StoreError> {
        let generation = match self.cache.code(id) {
            Ok(peeked) => return Ok(Some(peeked)),
            Err(generation) => generation,
        };
        let found = self.readers.read(|connection| {
            connection
                .prepare_cached(&PEEK_CODE)?
                .query_row([key(id)], |row| {
                    Ok(PeekedCode {
                        code: rows::code(row, 0)?,
                        grant: rows::grant(row, CODE_COLUMNS)?,
                        owner: rows::owner(row, CODE_COLUMNS + GRANT_COLUMNS)?,
                    })
                })
                .optional()
        })?;
        if let Some(peeked) = &found {
            self.cache.fill(generation, |rows| {
                rows.keep_code(peeked.grant.id, peeked.code.clone());
                rows.keep_grant(peeked.grant.clone());
                rows.keep_owner(peeked.owner.clone());
            });
        }
        Ok(found)
    }

    pub(crate) fn peek_refresh(&self, id: Id) -> Result<Option<PeekedRefresh>, StoreError> {
        let generation = match self.cache.refresh(id) {
            Ok(peeked) => return Ok(Some(peeked)),
            Err(generation) => generation,
        };
        const NEXT: usize = REFRESH_COLUMNS + GRANT_COLUMNS + 3;
        let found = self.readers.read(|connection| {
            connection
                .prepare_cached(&PEEK_REFRESH)?
                .query_row([key(id)], |row| {
                    let next: Option<i64> = row.get(NEXT)?;
                    Ok(PeekedRefresh {
                        token: rows::refresh(row, 0)?,
                        successor: next.map(|_| rows::refresh_state(row, NEXT)).transpose()?,
                        grant: rows::grant(row, REFRESH_COLUMNS)?,
                        owner: rows::owner(row, REFRESH_COLUMNS + GRANT_COLUMNS)?,
                    })
                })
                .optional()
        })?;
        if let Some(peeked) = &found {
            self.cache.fill(generation, |rows| {
                rows.keep_refresh(peeked.grant.id, peeked.token.clone());
                rows.keep_grant(peeked.grant.clone());
                rows.keep_owner(peeked.owner.clone());
            });
        }
        Ok(found)
    }

    pub(crate) fn peek_access(&self, id: Id) -> Result<Option<PeekedAccess>, StoreError> {
        let generation = match self.cache.access(id) {
            Ok(peeked) => return Ok(Some(peeked)),
            Err(generation) => generation,
        };
        let found = self.readers.read(|connection| {
            connection
                .prepare_cached(&PEEK_ACCESS)?
                .query_row([key(id)], |row| {
                    let grant: Option<i64> = row.get(ACCESS_COLUMNS)?;
                    let owner: Option<String> = row.get(ACCESS_COLUMNS + GRANT_COLUMNS)?;
                    Ok(PeekedAccess {
                        token: rows::access(row, 0)?,
                        grant: grant.map(|_| rows::grant(row, ACCESS_COLUMNS)).transpose()?,
                        owner: owner.map(|_| rows::owner(row, ACCESS_COLUMNS + GRANT_COLUMNS)).transpose()?,
                    })
                })
                .optional()
        })?;
        // defends: revocation-incomplete
        let found = found.filter(|peeked| peeked.grant.is_none() || peeked.owner.is_some());
        if let Some(peeked) = &found {
            self.cache.fill(generation, |rows| {
                rows.keep_access(peeked.token.clone());
                if let (Some(grant), Some(owner)) = (&peeked.grant, &peeked.owner) {
                    rows.keep_grant(grant.clone());
                    rows.keep_owner(owner.clone());
                }
            });
        }
        Ok(found)
    }

    /// For a token that speaks for itself only its end is looked up: its own, its grant's, its person's.
    pub(crate) fn peek_jwt(&self, token: &AccessRecord) -> Result<Option<PeekedAccess>, StoreError> {
        let revoked = self.readers.read(|connection| {
            connection.prepare_cached("SELECT 1 FROM revoked_tokens WHERE id = ?1")?.exists([key(token.id)])
        })?;
        if revoked {
            return Ok(None);
        }
        let token = token.clone();
        if token.grant == Id::NONE {
            return Ok(Some(PeekedAccess { token, grant: None, owner: None }));
        }
        let generation = match self.cache.grant(token.grant) {
            Ok((grant, owner)) => return Ok(Some(PeekedAccess { token, grant: Some(grant), owner: Some(owner) })),
            Err(generation) => generation,
        };
        let found = self.readers.read(|connection| {
            connection
                .prepare_cached(&PEEK_GRANT)?
                .query_row([key(token.grant)], |row| Ok((rows::grant(row, 0)?, rows::owner(row, GRANT_COLUMNS)?)))
                .optional()
        })?;
        Ok(found.map(|(grant, owner)| {
            self.cache.fill(generation, |rows| {
                rows.keep_grant(grant.clone());
                rows.keep_owner(owner.clone());
            });
            PeekedAccess { token, grant: Some(grant), owner: Some(owner) }
        }))
    }
}
