//! What all commands share: the list of them, the configuration file, the form of the answer.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use server::commands::Command;
use server::config::Config;
use server::control;

use crate::output::Output;

/// An OAuth 2.x and OpenID Connect authorization server.
#[derive(Parser)]
#[command(
    name = "safeconduct",
    version,
    propagate_version = true,
    after_help = "Example: start a server to play with, then open the robot it names\n  safeconduct quickstart\n\n\
                  Commands work on a stopped and on a running server; a running one acts on the change at once."
)]
pub struct Cli {
    #[command(subcommand)]
    pub task: Task,
}

#[derive(Subcommand)]
pub enum Task {
    /// Start a server to play with: with a mailbox, a robot that connects to it, and one user.
    Quickstart(crate::quickstart::Start),
    /// Make a configuration file, keys and an empty store.
    Init(crate::init::Init),
    /// Run the server.
    Serve(crate::serve::Serve),
    /// Register and manage clients.
    #[command(subcommand)]
    Client(crate::client::Task),
    /// Make and manage people's accounts.
    #[command(subcommand)]
    User(crate::user::Task),
    /// List and rotate signing keys.
    #[command(subcommand)]
    Keys(crate::keys::Task),
    /// List and end what people allowed clients.
    #[command(subcommand)]
    Grant(crate::grant::Task),
    /// Check and explain the configuration.
    #[command(subcommand)]
    Config(crate::config::Task),
    /// Read security events.
    #[command(subcommand)]
    Events(crate::events::Task),
    /// Look for what is wrong or weak, and tell the fix.
    Doctor(crate::doctor::Doctor),
    /// Copy the store to a new file, also while the server runs.
    Backup(crate::backup::Backup),
    /// See attacks played against real servers, and what stops them.
    Lab(crate::lab::Lab),
    /// Print the version.
    Version(VersionArgs),
}

#[derive(Args)]
#[command(after_help = "Example:\n  safeconduct version --json")]
pub struct VersionArgs {
    #[command(flatten)]
    pub output: Output,
}

/// The configuration file.
#[derive(Args)]
pub struct ConfigFile {
    /// The configuration file.
    #[arg(
        long = "config",
        value_name = "FILE",
        env = "SAFECONDUCT_CONFIG",
        default_value = "safeconduct-data/safeconduct.toml"
    )]
    path: PathBuf,
}

impl ConfigFile {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads and checks it.
    pub fn load(&self) -> Result<Config> {
        Ok(Config::load(&self.path)?)
    }

    /// Has a command carried out: by the server that runs on this configuration, or here where none runs.
    pub async fn perform(&self, command: Command) -> Result<serde_json::Value> {
        Ok(control::perform(&self.load()?, command).await?)
    }
}
