//! `keys`: signing keys.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use jose::Algorithm;
use serde_json::Value;
use server::commands::{Command, Takeover};

use crate::args::ConfigFile;
use crate::output::{Output, cell, items, table, time};

#[derive(Subcommand)]
#[command(after_help = "Example:\n  safeconduct keys list")]
pub enum Task {
    /// List the signing keys and what each does now.
    #[command(after_help = "Example:\n  safeconduct keys list --json")]
    List(Plain),
    /// Make new keys. The old ones stay published until what they signed has expired.
    #[command(after_help = "Example: announce a new key to every API before it signs\n  safeconduct keys rotate\n\n\
                            Example: a new EdDSA key that signs at once\n  safeconduct keys rotate --alg EdDSA --now\n\n\
                            A running server rotates by age without this command (keys.rotation_age).")]
    Rotate(Rotate),
    /// Remove a key at once: for a key that others have seen. What it signed is refused from now on.
    #[command(after_help = "Example:\n  safeconduct keys discard Kd3u0zJ6dK3Uj1kqkqD1mTQ8sJb5X1m0oJ3Y6Wn4x2A")]
    Discard(Discard),
}

#[derive(Args)]
pub struct Plain {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
pub struct Rotate {
    /// Only this algorithm: EdDSA, ES256, ES384, PS256 or RS256. All that are in use when left out.
    #[arg(long, value_parser = algorithm)]
    alg: Option<Algorithm>,
    /// Let the new key sign at once. APIs that keep the key set for a while refuse its tokens until they fetch it again.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Args)]
pub struct Discard {
    /// The key's id, as `keys list` shows it.
    kid: String,
    #[command(flatten)]
    plain: Plain,
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::from_name(text).ok_or_else(|| "is none of EdDSA, ES256, ES384, PS256, RS256".to_owned())
}

pub async fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::List(plain) => {
            let list = plain.config.perform(Command::KeysList).await?;
            plain.output.print(&list, |list| shown(list, "there are no keys: the server makes them when it starts"))
        }
        Task::Rotate(Rotate { alg, now, plain }) => {
            let takeover = if now { Takeover::Now } else { Takeover::Announced };
            let made = plain.config.perform(Command::KeysRotate { alg, takeover }).await?;
            plain.output.print(&made, |made| shown(made, "there are no keys to rotate: name an algorithm with --alg"))
        }
        Task::Discard(Discard { kid, plain }) => {
            let done = plain.config.perform(Command::KeysDiscard { kid }).await?;
            plain
                .output
                .print(&done, |done| format!("{} is gone, and another key signs in its place.", cell(&done["kid"])))
        }
    }
}

fn shown(list: &Value, empty: &str) -> String {
    let row = |key: &Value| {
        let state = key.get("state").map_or_else(|| "made".to_owned(), cell);
        vec![cell(&key["kid"]), cell(&key["alg"]), state, time(&key["signs_from"])]
    };
    let rows: Vec<_> = items(list).iter().map(row).collect();
    table(&["kid", "alg", "state", "signs from"], &rows, empty)
}
