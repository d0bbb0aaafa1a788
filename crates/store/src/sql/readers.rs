//! Read-only connections.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use super::options::{SqliteOptions, reading};
use crate::error::StoreError;

/// A few connections for point reads, which take microseconds and run where they are asked for, and one for long reads.
pub(super) struct Readers {
    points: Vec<Mutex<Connection>>,
    next: AtomicUsize,
    scans: Mutex<Connection>,
}

impl Readers {
    pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<Readers, StoreError> {
        let points = (0..options.readers.max(1)).map(|_| reading(path).map(Mutex::new)).collect::<Result<_, _>>()?;
        Ok(Readers { points, next: AtomicUsize::new(0), scans: Mutex::new(reading(path)?) })
    }

    /// Runs a point read here and now.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        Ok(read(&self.free())?)
    }

    fn free(&self) -> MutexGuard<'_, Connection> {
        for connection in &self.points {
            match connection.try_lock() {
                Ok(free) => return free,
                Err(TryLockError::Poisoned(free)) => return free.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let any = self.next.fetch_add(1, Ordering::Relaxed) % self.points.len();
        // A reader that panicked left no more behind than a statement that will be reset.
        self.points[any].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a long read; only one at a time. Call it on a thread that may block.
    pub(super) fn scan<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        Ok(read(&self.scans.lock().unwrap_or_else(PoisonError::into_inner))?)
    }
}
