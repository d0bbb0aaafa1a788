//! Safeconduct, an OAuth 2.x and OpenID Connect authorization server: the command line.
//!
//! Wiring only. What commands do is in `server::commands`; how they reach a running server, in `server::control`.

mod args;
mod backup;
mod client;
mod client_new;
mod config;
mod doctor;
mod events;
mod files;
mod grant;
mod init;
mod keys;
mod lab;
mod output;
mod quickstart;
mod serve;
mod user;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use args::{Cli, Task};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match runtime().and_then(|runtime| runtime.block_on(run(cli.task))) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the system gives no threads")
}

async fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Backup(args) => backup::run(args).await,
        Task::Client(task) => client::run(task).await,
        Task::Config(task) => config::run(task),
        Task::Doctor(args) => doctor::run(args).await,
        Task::Events(task) => events::run(task).await,
        Task::Grant(task) => grant::run(task).await,
        Task::Init(args) => init::run(args).await,
        Task::Lab(args) => lab::run(args),
        Task::Keys(task) => keys::run(task).await,
        Task::Quickstart(args) => quickstart::run(args).await,
        Task::Serve(args) => serve::run(args).await,
        Task::User(task) => user::run(task).await,
        Task::Version(args) => output::version(args.output),
    }
}
