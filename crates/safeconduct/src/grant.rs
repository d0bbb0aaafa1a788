//! `grant`: what people allowed clients.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use protocol::handle::Id;
use serde_json::Value;
use server::commands::{Command, Which};

use crate::args::ConfigFile;
use crate::output::{Output, cell, items, table, time};

#[derive(Subcommand)]
#[command(after_help = "Example:\n  safeconduct grant list --user ada")]
pub enum Task {
    /// List what people allowed clients.
    #[command(
        after_help = "Example: everything that ada has allowed, ended grants included\n  safeconduct grant list --user ada --all"
    )]
    List(List),
    /// End a grant: its codes and tokens stop working at once.
    #[command(after_help = "Example:\n  safeconduct grant end 01a2b3c4d5e6f")]
    End(End),
}

#[derive(Args)]
pub struct List {
    /// Only this client's.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Only this person's.
    #[arg(long, value_name = "USERNAME")]
    user: Option<String>,
    /// Ended and expired ones, too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    output: Output,
}

#[derive(Args)]
pub struct End {
    /// The grant's id, as `grant list` shows it.
    #[arg(value_parser = id)]
    grant: Id,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    output: Output,
}

pub fn id(text: &str) -> Result<Id, String> {
    Id::parse(text).ok_or_else(|| "is not an id: 13 of the characters 0-9 and a-v".to_owned())
}

pub async fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::List(List { client, user, all, config, output }) => {
            let which = if all { Which::All } else { Which::Live };
            let list = config.perform(Command::GrantList { client_id: client, username: user, which }).await?;
            output.print(&list, shown)
        }
        Task::End(End { grant, config, output }) => {
            let done = config.perform(Command::GrantEnd { grant }).await?;
            output.print(&done, |done| {
                format!("The grant {} of client {} has ended.", cell(&done["grant"]), cell(&done["client_id"]))
            })
        }
    }
}

fn shown(list: &Value) -> String {
    let row = |grant: &Value| {
        let user = if grant["username"].is_null() { &grant["subject"] } else { &grant["username"] };
        let state = if grant["ended"].is_null() { "-".to_owned() } else { time(&grant["ended"]) };
        vec![
            cell(&grant["grant"]),
            cell(&grant["client_id"]),
            cell(user),
            cell(&grant["scope"]),
            time(&grant["created"]),
            time(&grant["last_used"]),
            state,
        ]
    };
    let rows: Vec<_> = items(list).iter().map(row).collect();
    table(&["grant", "client", "user", "scope", "created", "last used", "ended"], &rows, "no grants")
}
