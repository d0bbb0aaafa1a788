//! `straw`: an authorization server that is weak on purpose, on loopback.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use lab::straw::{self, Options, weakness};

/// An authorization server with the weaknesses that you name, and no others. Never let it be reached from elsewhere.
#[derive(Parser)]
#[command(
    name = "straw",
    after_help = "Example: a server that takes a code twice\n  straw --weak code-replay\n\nWithout --weak it resists \
                  everything that the real server resists. It keeps everything in memory and ends on Ctrl-C."
)]
struct Args {
    /// Weaknesses, by threat id, with commas between them. See --list.
    #[arg(long, value_delimiter = ',', value_name = "THREAT")]
    weak: Vec<String>,
    /// Where the authorization server listens: a loopback address. Its two APIs take free ports.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// When ready, print one line of JSON: issuer, clients with their secrets, people, APIs.
    #[arg(long)]
    json: bool,
    /// Write the probe's target file here.
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Seconds that access tokens live.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(10..=3600))]
    access_token_lifetime: Option<u32>,
    /// Seconds that authorization codes live.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(10..=600))]
    code_lifetime: Option<u32>,
    /// Print the weaknesses and end.
    #[arg(long)]
    list: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<()> {
    if args.list {
        weakness::TABLE.iter().for_each(|row| println!("{}", row.threat));
        return Ok(());
    }
    let options = Options {
        listen: args.listen,
        weak: weakness::find(&args.weak)?,
        access_token_lifetime: args.access_token_lifetime,
        code_lifetime: args.code_lifetime,
    };
    let running = straw::start(&options).await?;
    if let Some(path) = &args.target {
        std::fs::write(path, running.target()?).with_context(|| path.display().to_string())?;
    }
    if args.json {
        println!("{}", running.json());
    } else {
        let weak = if args.weak.is_empty() { "none".to_owned() } else { args.weak.join(", ") };
        println!("Straw server at {}. Weaknesses: {weak}. Ctrl-C stops.", running.straw.issuer);
    }
    tokio::signal::ctrl_c().await.context("the system gives no signals")
}
