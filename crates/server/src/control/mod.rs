//! How the command line reaches a running server: a Unix socket beside the store, and a lock that tells whether there is
//! a server at all.
//!
//! Whoever holds `server.lock` has the store. A server holds it while it runs and listens on `control.sock`; a command
//! that finds the lock free takes it, works on the store itself, and lets go. So there are never two, and never a doubt
//! who is asked.

mod call;
mod lock;
mod serve;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use call::{Reach, perform, reach};
pub use lock::{Held, StoreLock};
pub use serve::Control;

use crate::config::Config;

/// For so long a command waits for a server that is starting or stopping, or for another command.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const STEP: Duration = Duration::from_millis(50);
/// The longest request line: client metadata and claims are far shorter.
const LONGEST_REQUEST: usize = 256 * 1024;
/// The longest reply line that the command line takes.
const LONGEST_REPLY: u64 = 256 * 1024 * 1024;

/// The folder of a configuration's store: there are lock and socket.
pub fn folder(config: &Config) -> PathBuf {
    match config.store.path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The control socket of a folder, by a path that fits the 108 bytes which the system has for it.
fn socket(folder: &Path) -> std::io::Result<SocketPath> {
    const FITS: usize = 100;
    let plain = folder.join("control.sock");
    if plain.as_os_str().len() <= FITS {
        return Ok(SocketPath { path: plain, _folder: None });
    }
    // Through a descriptor of the folder the name is short, wherever the folder lies.
    use std::os::fd::AsRawFd;
    let opened = std::fs::File::open(folder)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/control.sock", opened.as_raw_fd()));
    Ok(SocketPath { path, _folder: Some(opened) })
}

struct SocketPath {
    path: PathBuf,
    /// Keeps the descriptor that the path names.
    _folder: Option<std::fs::File>,
}

#[cfg(test)]
mod tests;
