//! `user`: people's accounts.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use server::commands::{Command, NewPassword, Password};

use crate::args::ConfigFile;
use crate::files::{read_password, read_text};
use crate::output::{Output, cell, items, table, time};

#[derive(Subcommand)]
#[command(
    after_help = "Example: with a password that is made up and printed once\n  safeconduct user add ada --generate"
)]
pub enum Task {
    /// Make an account. The password comes from standard input.
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// List all accounts.
    #[command(after_help = "Example:\n  safeconduct user list --json")]
    List(Plain),
    /// Lock an account: sessions end and tokens stop working, until it is unlocked.
    #[command(after_help = "Example:\n  safeconduct user lock ada")]
    Lock(One),
    /// Unlock an account.
    #[command(after_help = "Example:\n  safeconduct user unlock ada")]
    Unlock(One),
    /// Set a new password, from standard input, and end all sessions.
    #[command(after_help = "Example:\n  safeconduct user set-password ada < password.txt")]
    SetPassword(SetPassword),
    /// Remove an account, with its sessions and everything it has allowed.
    #[command(after_help = "Example:\n  safeconduct user remove ada")]
    Remove(One),
}

const ADD_HELP: &str = "\
Example: the password is typed, unseen
  safeconduct user add ada

Example: the password from a file, claims about the person from another
  safeconduct user add ada --claims ada.json < password.txt

The claims file holds one JSON object of standard claims (OpenID Connect Core section 5.1), as in
  {\"name\": \"Ada Lovelace\", \"email\": \"ada@example.org\", \"email_verified\": true}
Other claims are refused: a client could ask for them by name, and the consent page has no words for them.";

#[derive(Args)]
pub struct Plain {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
pub struct One {
    /// What is typed at sign-in.
    username: String,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Args)]
pub struct Add {
    /// What will be typed at sign-in: a to z, digits and . _ - + @
    username: String,
    #[command(flatten)]
    password: Source,
    /// A JSON file with claims about the person.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    #[command(flatten)]
    plain: Plain,
}

/// Where a password comes from: standard input, unless it is made up.
#[derive(Args)]
pub struct Source {
    /// Make up a password and print it, once.
    #[arg(long)]
    generate: bool,
}

impl Source {
    fn take(&self) -> Result<NewPassword> {
        if self.generate {
            return Ok(NewPassword::Generate);
        }
        Ok(NewPassword::Given(Password::new(read_password()?.expose().clone())))
    }
}

#[derive(Args)]
pub struct SetPassword {
    /// Whose.
    username: String,
    #[command(flatten)]
    password: Source,
    #[command(flatten)]
    plain: Plain,
}

pub async fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Add(Add { username, password, claims, plain }) => {
            plain.config.load()?;
            let claims = claims.map_or_else(|| Ok(Map::new()), read_claims)?;
            let password = password.take()?;
            let done = plain.config.perform(Command::UserAdd { username, password, claims }).await?;
            plain.output.print(&done, |done| told(done, "can sign in"))
        }
        Task::List(plain) => {
            let list = plain.config.perform(Command::UserList).await?;
            plain.output.print(&list, shown)
        }
        Task::Lock(One { username, plain }) => {
            let done = plain.config.perform(Command::UserLock { username }).await?;
            plain.output.print(&done, |done| {
                format!(
                    "{} is locked, and {} sessions have ended.",
                    cell(&done["username"]),
                    cell(&done["sessions_ended"])
                )
            })
        }
        Task::Unlock(One { username, plain }) => {
            let done = plain.config.perform(Command::UserUnlock { username }).await?;
            plain.output.print(&done, |done| told(done, "can sign in again"))
        }
        Task::SetPassword(SetPassword { username, password, plain }) => {
            plain.config.load()?;
            let password = password.take()?;
            let done = plain.config.perform(Command::UserSetPassword { username, password }).await?;
            plain.output.print(&done, |done| told(done, "has a new password, and all sessions have ended"))
        }
        Task::Remove(One { username, plain }) => {
            let done = plain.config.perform(Command::UserRemove { username }).await?;
            plain.output.print(&done, |done| {
                format!("{} is gone, and {} grants with it.", cell(&done["username"]), cell(&done["grants_ended"]))
            })
        }
    }
}

fn read_claims(path: PathBuf) -> Result<Map<String, Value>> {
    let shown = path.display();
    match serde_json::from_str(&read_text(&path)?) {
        Ok(Value::Object(claims)) => Ok(claims),
        Ok(_) => Err(anyhow!("{shown} does not hold a JSON object\n  fix: write {{\"name\": \"Ada Lovelace\"}}")),
        Err(error) => Err(anyhow!(
            "{shown} is not JSON (line {}, column {})\n  fix: write {{\"name\": \"Ada Lovelace\"}}",
            error.line(),
            error.column()
        )),
    }
}

fn told(done: &Value, what: &str) -> String {
    let text = format!("{} {what}.", cell(&done["username"]));
    match done.get("password") {
        Some(password) => format!("{text}\nPassword, told this once: {}", cell(password)),
        None => text,
    }
}

fn shown(list: &Value) -> String {
    let row = |user: &Value| {
        vec![
            cell(&user["username"]),
            cell(&user["claims"]["name"]),
            cell(&user["status"]),
            time(&user["created"]),
            cell(&user["subject"]),
        ]
    };
    let rows: Vec<_> = items(list).iter().map(row).collect();
    table(&["username", "name", "status", "created", "subject"], &rows, "no accounts yet: safeconduct user add NAME")
}
