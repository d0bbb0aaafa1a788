//! `self-test`: shows that the probe can fail.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use lab::self_test::{Around, KillTable, Plan, Probe, run};
use lab::straw::Options;

/// Runs the probe against the straw server, once clean and once per weakness, and prints the kill table: a weakness is
/// killed if the probe calls its threat vulnerable. Ends with 1 unless all are, without false alarms.
#[derive(Parser)]
#[command(
    name = "self-test",
    after_help = "Example: one weakness\n  self-test --only code-replay\n\nThe probe is the program at SAFECONDUCT_PROBE, or \
                  safeconduct-probe beside this one, which cargo builds if need be."
)]
struct Args {
    /// Print the table as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Only threats of these groups.
    #[arg(long, value_name = "GROUP", num_args = 1.., value_delimiter = ',')]
    group: Vec<String>,
    /// Only these threats.
    #[arg(long, value_name = "THREAT", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Runs at the same time. They mostly wait.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Look for false alarms among all cases, also those that wait or flood. Takes long.
    #[arg(long)]
    thorough: bool,
    /// Seconds that the straws' access tokens live: as long as the probe waits for one to expire.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(10..=3600))]
    access_token_lifetime: u32,
    /// The same of codes.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(10..=600))]
    code_lifetime: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    match table(Args::parse()).await {
        Ok(table) if table.is_good() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn table(args: Args) -> Result<KillTable> {
    let plan = Plan {
        groups: args.group,
        only: args.only,
        around: if args.thorough { Around::Everything } else { Around::Quick },
        jobs: args.jobs.into(),
        options: Options {
            access_token_lifetime: Some(args.access_token_lifetime),
            code_lifetime: Some(args.code_lifetime),
            ..Options::default()
        },
    };
    plan.threats()?;
    let probe = Probe::find().await?;
    let table = run(&plan, probe, |line| eprintln!("{line}")).await?;
    if args.json {
        println!("{}", serde_json::to_string(&table)?);
    } else {
        println!("{table}");
    }
    Ok(table)
}
