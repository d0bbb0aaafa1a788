//! How the file is opened.

use std::fmt;
use std::fs::{OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;

/// What can be chosen about a store in a file. The default fits.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Changes that may wait for the writer; beyond it [`StoreError::Busy`] is answered.
    pub queue: usize,
    /// Read-only connections. More than the threads that read at once are of no use.
    pub readers: usize,
    /// Rows of each kind that the cache holds at least; at most twice as many.
    pub cached: usize,
    /// Events that are kept; older ones are swept.
    pub kept_events: u32,
    /// Told, after each commit, how many changes it carried.
    pub on_commit: Option<CommitObserver>,
    /// The most 4096-byte pages that the file may have; beyond it [`StoreError::Full`] is answered.
    pub max_pages: Option<u32>,
}

/// Takes the size of each group commit. Called on the writer's thread: it must not block.
#[derive(Clone)]
pub struct CommitObserver(pub Arc<dyn Fn(usize) + Send + Sync>);

impl fmt::Debug for CommitObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommitObserver")
    }
}

impl Default for SqliteOptions {
    fn default() -> SqliteOptions {
        SqliteOptions { queue: 4096, readers: 4, cached: 4096, kept_events: 100_000, on_commit: None, max_pages: None }
    }
}

/// Makes the file if it is missing, and leaves nobody but its owner in it. SQLite gives its side files the same mode.
pub(super) fn owner_only(path: &Path) -> Result<(), StoreError> {
    let failed = |err: std::io::Error| match err.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        ErrorKind::StorageFull => StoreError::Full,
        kind => StoreError::Failed(format!("its file cannot be opened: {kind}")),
    };
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(())
}

/// The one connection that writes.
pub(super) fn writing(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        return Err(StoreError::ReadOnly);
    }
    common(&connection)?;
    let journal: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if journal != "wal" {
        return Err(StoreError::Failed(
            "its file system cannot share memory; keep the store on a local disk".to_owned(),
        ));
    }
    // FULL: a commit is on disk before it returns. Anything less, and a power cut forgets that a code was spent.
    // defends: code-replay, refresh-token-replay
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reading(path: &Path) -> Result<Connection, StoreError> {
    // Opened for writing all the same: in WAL mode readers, too, write to the shared index.
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    common(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn common(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.set_prepared_statement_cache_capacity(128);
    // Without it SQLite plans a join anew for each value that is bound: half of what a read costs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_replay_refresh_token_replay_a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.sqlite");
        owner_only(&path).expect("made");
        let connection = writing(&path, &SqliteOptions::default()).expect("opened");
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).expect("known");
        assert_eq!(pragma("synchronous"), 2, "FULL");
        assert_eq!(pragma("mmap_size"), 0);
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("known");
        assert_eq!(mode, "wal");
        let reader = reading(&path).expect("opened");
        reader.execute("CREATE TABLE one (id INTEGER)", []).expect_err("readers only read");
    }
}
