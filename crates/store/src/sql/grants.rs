//! Lists of grants, for operators.

use std::sync::Arc;

use protocol::handle::Id;
use protocol::record::GrantRecord;
use rusqlite::params;

use super::Sqlite;
use super::rows::{self, GRANT, key};
use crate::error::StoreError;
use crate::write::GrantFilter;

impl Sqlite {
    pub(crate) async fn grants(
        self: &Arc<Self>,
        filter: GrantFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Vec<GrantRecord>, StoreError> {
        // decision: no index on client or subject. It would cost every new grant a page, and this is asked rarely.
        let sql = format!(
            "SELECT {GRANT} FROM grants g WHERE g.id > ?1 AND (?2 IS NULL OR g.client_id = ?2) \
             AND (?3 IS NULL OR g.subject = ?3) AND (?4 IS NULL OR (g.ended IS NULL AND g.expires > ?4)) \
             ORDER BY g.id LIMIT ?5"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.aside(move |connection| {
            connection
                .prepare_cached(&sql)?
                .query_map(
                    params![
                        key(after.unwrap_or(Id::NONE)),
                        filter.client_id,
                        filter.subject,
                        filter.live_at.map(|now| now.0),
                        limit
                    ],
                    |row| rows::grant(row, 0),
                )?
                .collect()
        })
        .await
    }
}
