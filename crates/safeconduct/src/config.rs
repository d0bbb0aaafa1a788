//! `config`: checks and explains the configuration.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use server::config::{ConfigError, reference_markdown, schema};

use crate::args::ConfigFile;
use crate::output::{Output, line};

#[derive(Subcommand)]
#[command(after_help = "Example:\n  safeconduct config check --config safeconduct.toml")]
pub enum Task {
    /// Check the file and the environment, without starting anything.
    #[command(after_help = "Example: in a deployment script, before the restart\n  safeconduct config check --config \
                            /etc/safeconduct/safeconduct.toml && systemctl restart safeconduct")]
    Check(Check),
    /// Print the JSON Schema of the file, for editors.
    #[command(after_help = "Example:\n  safeconduct config schema > safeconduct.schema.json")]
    Schema,
    /// Print the reference of all keys, in Markdown.
    #[command(after_help = "Example:\n  safeconduct config reference | less")]
    Reference,
}

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    output: Output,
}

pub fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Check(Check { config, output }) => check(&config, output),
        Task::Schema => line(&format!("{:#}", schema().to_value())),
        Task::Reference => line(reference_markdown().trim_end()),
    }
}

fn check(file: &ConfigFile, output: Output) -> Result<ExitCode> {
    let path = file.path().display();
    match server::config::Config::load(file.path()) {
        Ok(config) => output.print(&json!({ "ok": true, "config": file.path(), "issuer": config.issuer }), |_| {
            format!("{path} is good. The issuer is {}.", config.issuer)
        }),
        Err(error) if output.is_json() => {
            let ConfigError { origin, key, problem, why, fix } = error;
            line(&json!({ "ok": false, "at": origin.to_string(), "key": key, "problem": problem, "why": why, "fix": fix }).to_string())?;
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}
