//! The writer's thread: group commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::Receiver;

use rusqlite::{Connection, Result};
use tokio::sync::oneshot;

use super::cache::Cache;
use super::options::CommitObserver;
use super::{events, issue, people, registry, sweep, tokens, waiting};
use crate::error::StoreError;
use crate::write::{Outcome, Write};

/// The most changes in one transaction: a few milliseconds of work.
const BATCH: usize = 512;
/// Pages in the log at which they are moved into the file: 16 MB.
const CHECKPOINT: i32 = 4096;

type Reply = oneshot::Sender<std::result::Result<(Write, Outcome), StoreError>>;

pub(super) enum Job {
    Close(oneshot::Sender<std::result::Result<(), StoreError>>),
    Write { write: Write, reply: Reply },
}

/// Counts that caps need and that SQL would have to scan for. As of the last commit, plus the transaction at hand.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    pub parked: u64,
    pub events: u64,
}

impl Tally {
    fn count(connection: &Connection) -> Result<Tally> {
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0).map(i64::cast_unsigned));
        Ok(Tally { parked: count("SELECT count(*) FROM parked")?, events: count("SELECT count(*) FROM events")? })
    }
}

pub(super) struct Writer {
    connection: Connection,
    cache: Arc<Cache>,
    tally: Tally,
    /// Pages in the log after the last commit.
    logged: Arc<AtomicI32>,
    on_commit: Option<CommitObserver>,
    /// Pages in the log when it was last moved, or tried to be.
    moved: i32,
}

/// Where a transaction failed.
enum Fault {
    /// In one of its changes, while the file itself is well: the others may do better without it.
    Change(StoreError),
    /// In beginning or committing, or because the disk will not take it: it is the same for all.
    Whole(StoreError),
}

impl Writer {
    pub(super) fn new(
        mut connection: Connection,
        cache: Arc<Cache>,
        on_commit: Option<CommitObserver>,
    ) -> std::result::Result<Writer, StoreError> {
        let tally = Tally::count(&connection)?;
        let logged = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&logged);
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            seen.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Writer { connection, cache, tally, logged, moved: 0, on_commit })
    }

    /// Works until everybody who could send is gone, or somebody closes.
    pub(super) fn run(mut self, jobs: Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut closing = None;
        while closing.is_none() {
            let Ok(first) = jobs.recv() else { break };
            // Where all share one core, threads that are about to queue something do it now rather than one commit later.
            std::thread::yield_now();
            // No timer: while one batch goes to the disk, the next one queues up.
            for job in std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1)) {
                match job {
                    Job::Write { write, reply } => batch.push((write, reply)),
                    Job::Close(reply) => {
                        closing = Some(reply);
                        break;
                    }
                }
            }
            if catch_unwind(AssertUnwindSafe(|| self.settle(&mut batch))).is_err() {
                self.recover(&mut batch);
            }
            let logged = self.logged.load(Ordering::Relaxed);
            // A copy that is being made can hold the log back: then not at every commit again.
            if logged >= CHECKPOINT && (logged < self.moved || logged - self.moved >= CHECKPOINT) {
                self.moved = logged;
                self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
            }
        }
        // The queue is closed before the last answer, so that nothing is taken on that nobody will do.
        drop(jobs);
        self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
        if let Some(reply) = closing {
            let closed = self.connection.close().map_err(|(_, err)| err.into());
            // Whoever closed may have gone away meanwhile.
            let _ = reply.send(closed);
        }
    }

    /// After a panic: the requests of the batch are gone, the server goes on.
    fn recover(&mut self, batch: &mut Vec<(Write, Reply)>) {
        tracing::error!(changes = batch.len(), "the store's writer panicked; its batch was given up");
        batch.clear();
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        // It may have been committed and not have reached the cache.  defends: revocation-incomplete
        self.cache.clear();
        if let Ok(tally) = Tally::count(&self.connection) {
            self.tally = tally;
        }
    }

    /// Moves the log into the file. Where that fails, the log keeps what it has, and the next commit tries again.
    fn checkpoint(&mut self, sql: &str) {
        if let Err(err) = self.connection.query_row(sql, [], |_| Ok(())) {
            tracing::warn!(error = %StoreError::from(err), "the store's log could not be moved into its file");
        }
    }

    fn settle(&mut self, batch: &mut Vec<(Write, Reply)>) {
        if batch.is_empty() {
            return;
        }
        match self.transaction(batch) {
            Ok(outcomes) => {
                if let Some(CommitObserver(observe)) = &self.on_commit {
                    observe(outcomes.len());
                }
                for ((write, reply), outcome) in batch.drain(..).zip(outcomes) {
                    self.answer(write, outcome, reply);
                }
            }
            Err(Fault::Change(_)) if batch.len() > 1 => {
                // One change that cannot be made must not take the others with it.
                for job in batch.drain(..) {
                    let mut alone = vec![job];
                    self.settle(&mut alone);
                }
            }
            Err(Fault::Change(err) | Fault::Whole(err)) => {
                tracing::error!(error = %err, changes = batch.len(), "the store could not commit");
                for (_, reply) in batch.drain(..) {
                    let _ = reply.send(Err(err.clone()));
                }
            }
        }
    }

    fn answer(&self, write: Write, outcome: Outcome, reply: Reply) {
        // What was cached is brought up to date before anybody is told.  defends: revocation-incomplete
        self.cache.apply(&write, &outcome);
        // Whoever asked may have gone away meanwhile; it is done all the same.
        let _ = reply.send(Ok((write, outcome)));
    }

    /// Carries out a batch: all of it is on disk when this returns `Ok`, nothing of it otherwise.
    ///
    /// There is no savepoint around each change: it compares first and changes only after that, so one that is lost has
    /// nothing to take back. One that fails takes the whole transaction back.
    fn transaction(&mut self, batch: &[(Write, Reply)]) -> std::result::Result<Vec<Outcome>, Fault> {
        let whole = |err: rusqlite::Error| Fault::Whole(err.into());
        let before = self.tally;
        let connection = &self.connection;
        let begin = || connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]);
        begin().map_err(whole)?;
        let tally = &mut self.tally;
        let outcomes: Result<Vec<Outcome>> = batch.iter().map(|(write, _)| run(connection, tally, write)).collect();
        let commit = || connection.prepare_cached("COMMIT")?.execute([]);
        let done = match outcomes {
            Ok(outcomes) => commit().map(|_| outcomes).map_err(whole),
            Err(err) => Err(match StoreError::from(err) {
                err @ (StoreError::Full | StoreError::ReadOnly) => Fault::Whole(err),
                err => Fault::Change(err),
            }),
        };
        if done.is_err() {
            self.tally = before;
            if !self.connection.is_autocommit() {
                // SQLite has already taken back what it could not write; this only ends the transaction.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
        }
        done
    }
}

fn run(connection: &Connection, tally: &mut Tally, write: &Write) -> Result<Outcome> {
    match write {
        Write::BurnCode(id) => tokens::burn_code(connection, *id),
        Write::Code(plan) => issue::code(connection, tally, plan),
        Write::Confirm { grant, token } => tokens::confirm(connection, *grant, *token),
        Write::EndGrants { ids, reason, now } => tokens::end_grants(connection, ids, *reason, *now),
        Write::EndSessions(ids) => people::end_sessions(connection, ids),
        Write::Event(event) => events::append(connection, tally, event),
        Write::ExtendSession { id, expires } => people::extend_session(connection, *id, *expires),
        Write::FirstUse(id) => tokens::first_use(connection, id),
        Write::ForgetConsents(whose) => waiting::forget_consents(connection, whose),
        Write::Issue(plan) => issue::issue(connection, plan),
        Write::Park(record, caps) => waiting::park(connection, tally, record, *caps),
        Write::Probe => events::probe(connection),
        Write::PutClient(client) => registry::put(connection, client),
        Write::PutSession { session, checked } => people::put_session(connection, session, checked.expose()),
        Write::PutUser(user) => people::put_user(connection, &user.0),
        Write::RemoveClient(id) => registry::remove(connection, id),
        Write::RemoveUser(subject) => people::remove_user(connection, subject),
        Write::RenewPassword { subject, from, to } => {
            people::renew_password(connection, subject, from.expose(), to.expose())
        }
        Write::RevokeAccess { id, expires, now } => tokens::revoke_access(connection, *id, *expires, *now),
        Write::SetUserStatus(subject, status) => people::set_status(connection, subject, *status),
        Write::Sweep { kind, ids, now } => sweep::remove(connection, tally, *kind, ids, *now),
        Write::SweepKeyless { now, limit, kept_events } => {
            sweep::keyless(connection, tally, *now, *limit, *kept_events)
        }
        Write::TakeParked { id, browser } => waiting::take(connection, tally, *id, browser),
    }
}
