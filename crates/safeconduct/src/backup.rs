//! `backup`: a copy of the store.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use server::commands::Command;

use crate::args::ConfigFile;
use crate::output::Output;

#[derive(Args)]
#[command(
    after_help = "Example: a copy under the date of today\n  safeconduct backup --config /etc/safeconduct/safeconduct.toml \
                        store-$(date +%F).sqlite\n\nThe copy is consistent also while the server works. It holds no \
                        password and no token, only hashes; keep it private all the same. The key folder and the \
                        configuration file belong to a backup, too: copy them beside it."
)]
pub struct Backup {
    /// The new file.
    file: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    output: Output,
}

pub async fn run(args: Backup) -> Result<ExitCode> {
    let path = std::path::absolute(&args.file).context("the path of the backup cannot be told")?;
    let mut done = args.config.perform(Command::Backup { path }).await?;
    done["config"] = json!(args.config.path());
    args.output.print(&done, |done| {
        format!(
            "The store is in {}.\nTo a backup belong also the keys in {} and {}.",
            done["store"].as_str().unwrap_or_default(),
            done["keys"].as_str().unwrap_or_default(),
            args.config.path().display()
        )
    })
}
