//! Files that the command line reads and writes.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, IsTerminal, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use jose::Secret;

/// More than any input of a command needs.
const LONGEST: u64 = 256 * 1024;

/// Reads a text file, or standard input for `-`.
pub fn read_text(path: &Path) -> Result<String> {
    let mut text = String::new();
    let (name, read) = if path == Path::new("-") {
        ("standard input".to_owned(), std::io::stdin().take(LONGEST + 1).read_to_string(&mut text))
    } else {
        let file = fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        (path.display().to_string(), file.take(LONGEST + 1).read_to_string(&mut text))
    };
    read.with_context(|| format!("{name} is not text"))?;
    if text.len() as u64 > LONGEST {
        bail!("{name} is longer than 256 KiB");
    }
    Ok(text)
}

/// Makes a folder that only its owner can enter, if it is not there yet.
pub fn make_folder(path: &Path) -> Result<()> {
    // defends: client-secret-from-as-database, password-from-as-database
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("the folder {} cannot be made", path.display()))
}

/// Whether an existing file stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is an error.
    Refuse,
    /// It is replaced, whole.
    Replace,
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(path: &Path, content: &Secret<String>, existing: Existing) -> Result<()> {
    let shown = || format!("{} cannot be written", path.display());
    let half = path.with_extension("new");
    let mut out =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half).with_context(shown)?;
    out.write_all(content.expose().as_bytes()).and_then(|()| out.sync_all()).with_context(shown)?;
    match existing {
        Existing::Replace => fs::rename(&half, path).with_context(shown),
        // A link is made only where nothing is: no moment between looking and writing.
        Existing::Refuse => {
            let linked = match fs::hard_link(&half, path) {
                // Some file systems have no links.
                Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.exists() => fs::rename(&half, path),
                linked => fs::remove_file(&half).and(linked),
            };
            linked.with_context(shown)
        }
    }
}

/// Reads a password: the first line of standard input, without echo where a person types it.
pub fn read_password() -> Result<Secret<String>> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut line = String::new();
        stdin.take(LONGEST).read_to_string(&mut line).context("the password on standard input is not text")?;
        let line = Secret::new(line);
        let password = line.expose().lines().next().unwrap_or_default();
        if password.is_empty() {
            bail!("standard input holds no password\n  fix: give one as its first line, or use --generate");
        }
        return Ok(Secret::new(password.to_owned()));
    }
    let first = type_hidden("New password: ")?;
    let again = type_hidden("Once more: ")?;
    if first.expose() != again.expose() {
        bail!("the two passwords differ\n  fix: run the command again; nothing was changed");
    }
    Ok(first)
}

fn type_hidden(prompt: &str) -> Result<Secret<String>> {
    let echo = |word: &str| std::process::Command::new("stty").arg(word).status().is_ok_and(|status| status.success());
    eprint!("{prompt}");
    // defends: secrets-in-logs-and-errors  a terminal keeps what it shows.
    if !echo("-echo") {
        bail!("the terminal cannot hide what is typed\n  fix: pipe the password in, or use --generate");
    }
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    echo("echo");
    eprintln!();
    read.context("the terminal cannot be read")?;
    let line = Secret::new(line);
    Ok(Secret::new(line.expose().trim_end_matches(['\r', '\n']).to_owned()))
}
