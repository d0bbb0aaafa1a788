//! `client`: clients are registered, looked at, switched off, given new secrets and removed.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::Value;
use server::commands::{Command, read_metadata};

use crate::args::ConfigFile;
use crate::output::{Output, cell, fields, items, table};

#[derive(Subcommand)]
#[command(after_help = "Example: register a client by answering questions\n  safeconduct client new")]
pub enum Task {
    /// Register a client from its metadata: JSON in the names of RFC 7591. Prints the client and its secret, once.
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// Register a client by answering a few questions, which also tell why.
    #[command(
        after_help = "Example:\n  safeconduct client new\n\nExample: the answers from a pipe, one per line\n  printf \
                            '%s\\n' no yes 'Nightly report' mail:read yes | safeconduct client new --json"
    )]
    New(New),
    /// List all clients.
    #[command(after_help = "Example:\n  safeconduct client list --json")]
    List(Plain),
    /// Show one client.
    #[command(after_help = "Example:\n  safeconduct client show mail-robot")]
    Show(One),
    /// Switch a client off: it is issued nothing new. What it has ends by itself or by `grant end`.
    #[command(after_help = "Example:\n  safeconduct client disable mail-robot")]
    Disable(One),
    /// Switch a client on again.
    #[command(after_help = "Example:\n  safeconduct client enable mail-robot")]
    Enable(One),
    /// Remove a client and end everything that people allowed it.
    #[command(after_help = "Example:\n  safeconduct client remove mail-robot")]
    Remove(One),
    /// Give a client a new secret. Prints it, once.
    #[command(
        after_help = "Example: both secrets work for an hour, so that the client can be changed without a break\n  \
                            safeconduct client roll-secret mail-robot --overlap 3600"
    )]
    RollSecret(RollSecret),
}

const ADD_HELP: &str = "\
Example: from a file
  safeconduct client add robot.json

Example: from standard input
  echo '{\"client_name\": \"Mail robot\", \"redirect_uris\": [\"https://robot.example/callback\"],
         \"grant_types\": [\"authorization_code\", \"refresh_token\"], \"scope\": \"openid mail:read\"}' |
    safeconduct client add -

Members of RFC 7591 section 2 and OpenID Connect Registration section 2:
  client_id, client_name, application_type, redirect_uris, grant_types, response_types, scope,
  token_endpoint_auth_method, jwks, client_uri, policy_uri, tos_uri, logo_uri, contacts,
  id_token_signed_response_alg, default_max_age, require_auth_time

Members of ours:
  resources              resource indicators that it may ask for; all when left out
  introspect_resources   it is a resource server and may introspect tokens for these
  refresh_token_policy   rotate (the default), reuse (confidential clients only) or none
  access_token_lifetime  seconds, 10 to 3600
  remember_consent       whether consent may be remembered; never for public clients
  vouched_for            false for clients of third parties: people see errors before they are sent on

Weaker rules, for clients that cannot do better (`safeconduct doctor` lists who has them):
  danger_allow_missing_pkce, danger_accept_endpoint_audience";

#[derive(Args)]
pub struct Add {
    /// A JSON file, or - for standard input.
    #[arg(default_value = "-", hide_default_value = true)]
    file: PathBuf,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Args)]
pub struct New {
    #[command(flatten)]
    plain: Plain,
}

#[derive(Args)]
pub struct Plain {
    #[command(flatten)]
    pub config: ConfigFile,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Args)]
pub struct One {
    /// The client's id.
    client_id: String,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Args)]
pub struct RollSecret {
    /// The client's id.
    client_id: String,
    /// Seconds for which the old secret works beside the new one; at most 30 days.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    overlap: u32,
    #[command(flatten)]
    plain: Plain,
}

pub async fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Add(Add { file, plain }) => {
            // A configuration that is wrong is told before standard input is waited for.
            plain.config.load()?;
            let metadata = Box::new(read_metadata(&crate::files::read_text(&file)?)?);
            let client = plain.config.perform(Command::ClientAdd { metadata }).await?;
            plain.output.document(&client)
        }
        Task::New(New { plain }) => crate::client_new::run(plain).await,
        Task::List(plain) => {
            let list = plain.config.perform(Command::ClientList).await?;
            plain.output.print(&list, shown)
        }
        Task::Show(One { client_id, plain }) => {
            let client = plain.config.perform(Command::ClientShow { client_id }).await?;
            plain.output.print(&client, fields)
        }
        Task::Disable(One { client_id, plain }) => {
            let client = plain.config.perform(Command::ClientDisable { client_id }).await?;
            plain.output.print(&client, |client| format!("{} is off.", cell(&client["client_id"])))
        }
        Task::Enable(One { client_id, plain }) => {
            let client = plain.config.perform(Command::ClientEnable { client_id }).await?;
            plain.output.print(&client, |client| format!("{} is on.", cell(&client["client_id"])))
        }
        Task::Remove(One { client_id, plain }) => {
            let done = plain.config.perform(Command::ClientRemove { client_id }).await?;
            plain.output.print(&done, |done| {
                format!("{} is gone, and {} grants with it.", cell(&done["client_id"]), cell(&done["grants_ended"]))
            })
        }
        Task::RollSecret(RollSecret { client_id, overlap, plain }) => {
            let client = plain.config.perform(Command::ClientRollSecret { client_id, overlap }).await?;
            plain.output.document(&client)
        }
    }
}

fn shown(list: &Value) -> String {
    let row = |client: &Value| {
        let state = if client["disabled"] == Value::Bool(true) { "off" } else { "on" };
        vec![
            cell(&client["client_id"]),
            cell(&client["client_name"]),
            cell(&client["application_type"]),
            cell(&client["token_endpoint_auth_method"]),
            cell(&client["grant_types"]),
            state.to_owned(),
        ]
    };
    let rows: Vec<_> = items(list).iter().map(row).collect();
    table(
        &["client_id", "name", "type", "authentication", "grant types", "state"],
        &rows,
        "no clients yet: `safeconduct client new` asks a few questions and makes one",
    )
}
