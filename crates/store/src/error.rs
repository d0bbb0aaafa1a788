//! What can go wrong in the store, in words for operators. No text holds data.

use thiserror::Error;

/// The store could not do what was asked, and nothing of it was done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// More work is waiting than the store takes on; the caller sheds the request.
    #[error("the store has more work waiting than it takes on; add capacity, or lower the limits on requests")]
    Busy,
    /// [`crate::Ledger::close`] was called, or the writer has stopped.
    #[error("the store is closed; restart the server")]
    Closed,
    /// The file is not a store, or no longer a whole one.
    #[error("the file is damaged, or is no store; keep a copy of it and restore a backup")]
    Damaged,
    /// The disk, or the size the store is limited to, is full.
    #[error("the disk under the store is full; free space there, and the server goes on by itself")]
    Full,
    /// Something else: the text says what, and holds no data.
    #[error("the store failed: {0}")]
    Failed(String),
    /// Another process writes to the file.
    #[error("another process holds the store; stop it: a store belongs to one server")]
    InUse,
    /// The file was written by a newer release.
    #[error(
        "the store has schema {found}, and this release knows {known}; run the newer release, or restore a backup \
         made before the upgrade"
    )]
    NewerSchema {
        /// The schema of the file.
        found: u32,
        /// The newest schema that this release knows.
        known: u32,
    },
    /// The file or its file system cannot be written.
    #[error(
        "the store cannot be written; check the owner and mode of its file and folder, and whether the file system is mounted read-only"
    )]
    ReadOnly,
    /// The username belongs to another account.
    #[error("another account has this username; choose another one")]
    Taken,
}

/// Why a plan was not carried out. Either way nothing of it was done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotCommitted {
    /// What it wanted to spend had changed since it was peeked at: another request was faster, or the grant has ended.
    #[error("another request was faster")]
    Lost,
    /// The store could not tell.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(err: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode as Code;
        match err.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => StoreError::InUse,
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => StoreError::Damaged,
            Some(Code::DiskFull) => StoreError::Full,
            Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => StoreError::ReadOnly,
            // The code alone: a message could quote what was being written.
            Some(code) => {
                let extended = err.sqlite_error().map_or(0, |inner| inner.extended_code);
                StoreError::Failed(format!("SQLite reports {code:?} ({extended})"))
            }
            None => StoreError::Failed(match err {
                rusqlite::Error::FromSqlConversionFailure(column, ..) => {
                    format!("column {column} of a row cannot be read: it was not written by this program")
                }
                rusqlite::Error::InvalidColumnType(column, ..) => format!("column {column} of a row has another type"),
                _ => "SQLite refused a statement".to_owned(),
            }),
        }
    }
}
