//! The program `safeconduct-probe`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use probe::cli;

/// Attacks an OAuth or OpenID Connect server from outside and says, threat by threat, what it resists.
#[derive(Debug, Parser)]
#[command(name = "safeconduct-probe", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what changed between two reports. The exit code is 1 when something got worse.
    Compare(cli::compare::CompareArgs),
    /// Explain a threat: attack, safe answer, fix, sections, cases.
    Explain(cli::explain::ExplainArgs),
    /// List threats and cases, and what each case needs.
    List(cli::list::ListArgs),
    /// Print a commented target file for a server.
    Init(cli::init::InitArgs),
    /// Attack the target and write the reports.
    Run(cli::run::RunArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Compare(args) => cli::compare::main(&args),
            Command::Explain(args) => cli::explain::main(&args),
            Command::List(args) => cli::list::main(&args),
            Command::Init(args) => cli::init::main(args).await,
            Command::Run(args) => cli::run::main(args).await,
        }
    });
    result.unwrap_or_else(|message| failed(&message))
}

fn failed(message: &str) -> ExitCode {
    eprintln!("safeconduct-probe: {message}");
    ExitCode::from(2)
}
