//! The server's end of the control socket.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use jose::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::{LONGEST_REQUEST, SocketPath, StoreLock, socket};
use crate::app::Shared;
use crate::commands::{Admin, Command, CommandError, execute};

/// Commands at a time; more wait.
const CALLERS: usize = 16;
/// A request must be there by then.
const READ_TIME: Duration = Duration::from_secs(5);
/// A reply must have been taken by then.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// Commands that run when the server stops may take so long to finish.
const GRACE: Duration = Duration::from_secs(5);

/// A control socket that is being served.
pub struct Control {
    stop: watch::Sender<bool>,
    serving: JoinHandle<StoreLock>,
}

impl Control {
    /// Opens the socket of the locked folder and serves it. What lies there from a server that was killed is removed: the
    /// lock proves that nobody listens on it.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn start(lock: StoreLock, app: Shared) -> io::Result<Control> {
        let place = socket(lock.folder())?;
        match std::fs::remove_file(&place.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&place.path)?;
        // defends: management-surface-exposure  who connects is asked for his user as well, so the moment before counts
        // for nothing.
        std::fs::set_permissions(&place.path, std::fs::Permissions::from_mode(0o600))?;
        let own_uid = own_uid()?;
        let (stop, stopping) = watch::channel(false);
        let serving = tokio::spawn(serve(listener, place, lock, app, own_uid, stopping));
        Ok(Control { stop, serving })
    }

    /// Takes no more commands, lets running ones finish and removes the socket. Drop the lock only when the store is closed:
    /// the next process opens it as soon as the lock is free. `None` if the task panicked, which dropped the lock.
    pub async fn stop(self) -> Option<StoreLock> {
        self.stop.send_replace(true);
        self.serving.await.ok()
    }
}

/// The user that this process runs as, learned without a system call of our own.
pub(super) fn own_uid() -> io::Result<u32> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

async fn serve(
    listener: UnixListener,
    place: SocketPath,
    lock: StoreLock,
    app: Shared,
    own_uid: u32,
    mut stopping: watch::Receiver<bool>,
) -> StoreLock {
    let room = Arc::new(Semaphore::new(CALLERS));
    let changing = Arc::new(Mutex::new(()));
    let mut calls = JoinSet::new();
    // An error means that the other end is gone, which is a stop as well.
    let mut stop = Box::pin(async move { drop(stopping.wait_for(|stop| *stop).await) });
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let (permit, stream) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "the control socket could not accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // defends: management-surface-exposure
        if !stream.peer_cred().is_ok_and(|peer| peer.uid() == own_uid || peer.uid() == 0) {
            tracing::warn!("a foreign user was turned away from the control socket");
            continue;
        }
        let (app, changing) = (app.clone(), changing.clone());
        calls.spawn(async move {
            if let Err(error) = call(stream, app, &changing).await {
                tracing::debug!(%error, "a control call broke off");
            }
            drop(permit);
        });
        while calls.try_join_next().is_some() {}
    }
    drop(listener);
    let finish = async { while calls.join_next().await.is_some() {} };
    if timeout(GRACE, finish).await.is_err() {
        tracing::warn!("a command was cut short by the stop");
        calls.abort_all();
    }
    // It may be gone already, with its folder.
    let _ = std::fs::remove_file(&place.path);
    lock
}

async fn accept(listener: &UnixListener, room: &Arc<Semaphore>) -> io::Result<(OwnedSemaphorePermit, UnixStream)> {
    // The semaphore is never closed.
    let permit = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((permit, stream))
}

async fn call(mut stream: UnixStream, app: Shared, changing: &Mutex<()>) -> io::Result<()> {
    let (reading, mut writing) = stream.split();
    // A request may hold a password.  defends: secrets-in-logs-and-errors
    let cap = LONGEST_REQUEST as u64 + 1;
    let mut text = Vec::new();
    let read = timeout(READ_TIME, BufReader::new(reading.take(cap)).read_until(b'\n', &mut text)).await;
    let line = Secret::new(text);
    read??;
    let reply = match line.expose().as_slice() {
        // The other side only wanted to know whether somebody is there.
        [] => return Ok(()),
        bytes if bytes.len() > LONGEST_REQUEST || bytes.last() != Some(&b'\n') => Err(CommandError::invalid(
            "the request is longer than 256 KiB or has no end",
            "send one JSON object on one line",
        )),
        bytes => match serde_json::from_slice::<Command>(bytes) {
            Ok(command) => carry_out(&app, changing, command).await,
            // serde's text could quote the request.
            Err(_) => Err(CommandError::invalid(
                "the running server does not know this command",
                "command line and server are of different releases: restart the server with this one",
            )),
        },
    };
    let reply = match reply {
        Ok(value) => json!({ "ok": value }),
        Err(error) => json!({ "error": error }),
    };
    let out = Secret::new(format!("{reply}\n"));
    timeout(WRITE_TIME, writing.write_all(out.expose().as_bytes())).await??;
    Ok(())
}

async fn carry_out(app: &Shared, changing: &Mutex<()>, command: Command) -> Result<Value, CommandError> {
    // One change at a time: two of them could each write back what they read before the other.
    let _turn = if command.changes() { Some(changing.lock().await) } else { None };
    execute(Admin::from(app.as_ref()), command).await
}
