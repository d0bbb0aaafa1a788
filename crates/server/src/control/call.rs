//! The command line's end: asks the running server, or does the work itself where none runs.

use std::path::Path;
use std::time::Duration;

use jose::Secret;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep, timeout};

use super::lock::check_owner;
use super::serve::own_uid;
use super::{Held, LONGEST_REPLY, LONGEST_REQUEST, PATIENCE, STEP, StoreLock, folder, socket};
use crate::commands::{Command, CommandError, Offline};
use crate::config::Config;

/// A server that was asked answers by then; a large store takes its time to copy.
const ANSWER_TIME: Duration = Duration::from_secs(600);

/// Who will carry out commands.
pub enum Reach {
    /// A server runs and listens.
    Running(UnixStream),
    /// None runs, and none can start while this is held.
    Stopped(StoreLock),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reply {
    Error(CommandError),
    Ok(Value),
}

/// Finds out whether a server runs on the store of `config`. Waits a little for one that starts or stops.
///
/// # Errors
/// When the store is held by a process that does not listen, or its folder cannot be used.
pub async fn reach(config: &Config) -> Result<Reach, CommandError> {
    let folder = folder(config);
    let deadline = Instant::now() + PATIENCE;
    loop {
        // The lock first: a socket alone may be left over from a server that was killed.
        let held = match StoreLock::take(&folder) {
            Ok(lock) => {
                check_owner(&folder, own_uid().map_err(|error| Held::Failed(error).explain(&folder))?)?;
                return Ok(Reach::Stopped(lock));
            }
            Err(held @ Held::Failed(_)) => return Err(held.explain(&folder)),
            Err(held) => held,
        };
        if let Ok(stream) = connect(&folder).await {
            return Ok(Reach::Running(stream));
        }
        if Instant::now() >= deadline {
            return Err(held.explain(&folder));
        }
        sleep(STEP).await;
    }
}

/// Carries out a command: by the running server if there is one, else on the store itself.
///
/// # Errors
/// The command's own, or that nobody could be asked.
pub async fn perform(config: &Config, command: Command) -> Result<Value, CommandError> {
    match reach(config).await? {
        Reach::Running(stream) => ask(stream, &command).await,
        Reach::Stopped(lock) => {
            let offline = Offline::open(config.clone(), lock).await?;
            let answer = offline.execute(command).await;
            let closed = offline.close().await;
            let answer = answer?;
            closed?;
            Ok(answer)
        }
    }
}

pub(super) async fn connect(folder: &Path) -> std::io::Result<UnixStream> {
    let place = socket(folder)?;
    UnixStream::connect(&place.path).await
}

async fn ask(mut stream: UnixStream, command: &Command) -> Result<Value, CommandError> {
    let lost = |error: std::io::Error| {
        CommandError::unreachable(
            format!("the running server broke off: {error}"),
            "it may have stopped; see its log, and whether the change was made, before you repeat the command",
        )
    };
    let (reading, mut writing) = stream.split();
    // It may hold a password.  defends: secrets-in-logs-and-errors
    let line = Secret::new(serde_json::to_vec(command).map_err(|error| lost(error.into()))?);
    if line.expose().len() >= LONGEST_REQUEST {
        return Err(CommandError::invalid("the input is longer than 256 KiB", "give less at a time"));
    }
    writing.write_all(line.expose()).await.map_err(lost)?;
    writing.write_all(b"\n").await.map_err(lost)?;
    let mut text = Vec::new();
    let mut reading = BufReader::new(reading.take(LONGEST_REPLY));
    let read = timeout(ANSWER_TIME, reading.read_until(b'\n', &mut text)).await;
    read.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into())).map_err(lost)?;
    let text = Secret::new(text);
    match serde_json::from_slice(text.expose()) {
        Ok(Reply::Ok(value)) => Ok(value),
        Ok(Reply::Error(error)) => Err(error),
        Err(_) => Err(lost(std::io::ErrorKind::UnexpectedEof.into())),
    }
}
