//! The ledger in one SQLite file.
//!
//! One thread owns the only connection that writes and checkpoints. It takes what has queued up, carries it out in one
//! transaction, waits until that is on disk and only then answers: many requests share one wait. Point reads run inline on a
//! few read-only connections, and mostly not at all: see [`cache`].

mod cache;
mod events;
mod generations;
mod grants;
mod issue;
mod migrate;
mod options;
mod people;
mod read;
mod readers;
mod registry;
mod rows;
mod sweep;
mod tokens;
mod waiting;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::write::{Outcome, Write};
use cache::Cache;
pub use options::{CommitObserver, SqliteOptions};
use readers::Readers;
use writer::{Job, Writer};

/// What an open file needs.
pub(crate) struct Sqlite {
    queue: SyncSender<Job>,
    readers: Readers,
    cache: Arc<Cache>,
    cursors: Mutex<sweep::Cursors>,
    options: SqliteOptions,
    path: PathBuf,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: SqliteOptions) -> Result<Sqlite, StoreError> {
        options::owner_only(path)?;
        let mut connection = options::writing(path, &options)?;
        migrate::run(&mut connection)?;
        let readers = Readers::open(path, &options)?;
        let cache = Arc::new(Cache::new(options.cached));
        let (queue, jobs) = std::sync::mpsc::sync_channel(options.queue);
        let writer = Writer::new(connection, Arc::clone(&cache), options.on_commit.clone())?;
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(jobs))
            .map_err(|err| StoreError::Failed(format!("the writer's thread cannot start: {}", err.kind())))?;
        let cursors = Mutex::new(sweep::Cursors::default());
        Ok(Sqlite { queue, readers, cache, cursors, options, path: path.to_owned() })
    }

    /// Queues a change and waits until it is on disk, or refused.
    pub(crate) async fn write(&self, write: Write) -> Result<(Write, Outcome), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Write { write, reply })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        // A full queue is answered at once: waiting would only move the crowd.  defends: dos-expensive-input
        self.queue.try_send(job).map_err(|err| match err {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }

    /// Runs a long read beside the request threads.
    async fn aside<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let this = Arc::clone(self);
        tokio::task::spawn_blocking(move || this.readers.scan(read))
            .await
            .unwrap_or_else(|_| Err(StoreError::Failed("a long read was cut short".to_owned())))
    }

    pub(crate) async fn backup(self: &Arc<Self>, to: &Path) -> Result<(), StoreError> {
        if to.exists() {
            return Err(StoreError::Failed("the file for the backup exists already; name a new one".to_owned()));
        }
        let (to, from) = (to.to_owned(), self.path.clone());
        let copy = move || {
            options::owner_only(&to)?;
            // A connection of its own: a copy holds its snapshot for long, and nothing else should wait for that.
            let from = options::reading(&from)?;
            let mut to = Connection::open(&to)?;
            // All pages in one step: in several, each commit in between would start the copy over.
            let backup = rusqlite::backup::Backup::new(&from, &mut to)?;
            match backup.step(-1)? {
                rusqlite::backup::StepResult::Done => Ok(()),
                _ => Err(StoreError::Failed("the copy could not be finished; try again".to_owned())),
            }
        };
        tokio::task::spawn_blocking(copy)
            .await
            .unwrap_or_else(|_| Err(StoreError::Failed("the backup was cut short".to_owned())))
    }

    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let mut job = Job::Close(reply);
        loop {
            match self.queue.try_send(job) {
                Ok(()) => break,
                // It was closed before: that is what was wanted.
                Err(TrySendError::Disconnected(_)) => return Ok(()),
                Err(TrySendError::Full(back)) => job = back,
            }
            tokio::task::yield_now().await;
        }
        // The writer drops the other end unanswered only when another `close` came first.
        answer.await.unwrap_or(Ok(()))
    }
}
