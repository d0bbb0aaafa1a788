//! Who has the store.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tokio::time::{Instant, sleep};

use super::call::connect;
use super::{PATIENCE, STEP};
use crate::commands::CommandError;

const NAME: &str = "server.lock";

/// The right to open the store of a folder. One process has it at a time; it ends with the value, or with the process.
#[derive(Debug)]
pub struct StoreLock {
    _file: File,
    folder: PathBuf,
}

/// Why the lock was not given.
#[derive(Debug)]
pub enum Held {
    /// Another process has it: its number, if it could be read.
    Elsewhere(Option<u32>),
    /// A server has it, and answers: there is nothing to wait for.
    Running(Option<u32>),
    /// The lock file cannot be used.
    Failed(std::io::Error),
}

impl StoreLock {
    /// Takes the lock of a folder, without waiting.
    ///
    /// # Errors
    /// See [`Held`].
    pub fn take(folder: &Path) -> Result<StoreLock, Held> {
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(Held::Failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The number is for people; without it the message is a little poorer.
                let _ = file.take(16).read_to_string(&mut text);
                return Err(Held::Elsewhere(text.trim().parse().ok()));
            }
            Err(TryLockError::Error(error)) => return Err(Held::Failed(error)),
        }
        // As above: a disk that is full must not keep a server from stopping cleanly.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(StoreLock { _file: file, folder: folder.to_owned() })
    }

    /// As [`StoreLock::take`], but waits a little: another command may have the store for a moment.
    ///
    /// # Errors
    /// See [`Held`].
    pub async fn take_soon(folder: &Path) -> Result<StoreLock, Held> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match StoreLock::take(folder) {
                Err(Held::Elsewhere(pid)) if connect(folder).await.is_ok() => return Err(Held::Running(pid)),
                Err(Held::Elsewhere(_)) if Instant::now() < deadline => sleep(STEP).await,
                other => return other,
            }
        }
    }

    /// Whether nobody has the store right now.
    pub fn is_free(folder: &Path) -> bool {
        File::open(folder.join(NAME)).map_or(true, |file| file.try_lock_shared().is_ok())
    }

    /// The folder that is locked.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Held {
    /// What to tell a person who wants to use the store of `folder`.
    pub fn explain(&self, folder: &Path) -> CommandError {
        let shown = folder.display();
        let name = |pid: &Option<u32>| pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
        match self {
            Held::Running(pid) => CommandError::unreachable(
                format!("a server, {}, runs on the store in {shown} already", name(pid)),
                "stop it first, or use another folder; other commands work while it runs",
            ),
            Held::Elsewhere(pid) => {
                let who = name(pid);
                CommandError::unreachable(
                    format!("{who} has the store in {shown} open and does not answer at control.sock"),
                    "if it is a server that starts or stops, or another command, try again in a moment; else end it",
                )
            }
            Held::Failed(error) => CommandError::failed(
                format!("{shown}/{NAME} cannot be opened: {error}"),
                "run the command as the user who owns the folder; make one with `safeconduct init`",
            ),
        }
    }
}

/// Refuses to work in a folder of somebody else: files made there by root could not be read by the server afterwards.
pub(super) fn check_owner(folder: &Path, own_uid: u32) -> Result<(), CommandError> {
    let owner = match std::fs::metadata(folder) {
        Ok(metadata) => metadata.uid(),
        Err(error) => return Err(Held::Failed(error).explain(folder)),
    };
    if owner == own_uid {
        return Ok(());
    }
    Err(CommandError::failed(
        format!("{} belongs to user {owner}, and this is user {own_uid}", folder.display()),
        format!("run the command as its owner: sudo -u '#{owner}' safeconduct ..."),
    ))
}
