//! Loads the server and a floor in turn and prints the ratio. Method and numbers: `docs/performance.md`.
//!
//! One program plays all parts, each in a process of its own: the one that you start compares; its children serve, are the
//! floor, and load.

mod child;
mod compare;
mod floor;
mod load;
mod process;
mod serve;
mod setup;
mod sizes;
mod stops;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::workload::Workload;

/// Loads the server and a floor in turn, each on one core, and prints the ratio.
///
/// Example: cargo run --release -p bench -- --workload refresh --seconds 10
#[derive(Parser)]
struct Options {
    /// Print a JSON list instead of a table
    #[arg(long)]
    json: bool,
    /// Seconds of load in each round, for each of the two
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Connections that are kept busy
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Rounds; server and floor take turns, and the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only this workload; may be given more than once
    #[arg(long, value_enum)]
    workload: Vec<Workload>,
    /// Where stores are made and removed; beside the program when left out. On a real disk, or durability costs nothing
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Binary size, idle memory, time to ready, memory under load
    #[arg(long, conflicts_with = "stops")]
    sizes: bool,
    /// Count the instructions of the stops under valgrind and compare them with crates/bench/limits.toml
    #[arg(long)]
    stops: bool,
    /// With --stops: write the counts as the new limits
    #[arg(long, requires = "stops")]
    accept: bool,

    #[arg(long, hide = true)]
    serve: Option<PathBuf>,
    #[arg(long, hide = true)]
    floor: bool,
    #[arg(long, hide = true)]
    load: bool,
    #[arg(long, hide = true, value_enum)]
    stop: Option<stops::Stop>,
    #[arg(long, hide = true, default_value_t = 1)]
    iterations: u32,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    if let Some(dir) = &options.serve {
        return serve::run(dir);
    }
    if let Some(stop) = options.stop {
        return stops::run(stop, options.iterations);
    }
    match options {
        Options { floor: true, .. } => floor::run(),
        Options { load: true, .. } => load::run(),
        Options { stops: true, .. } => stops::compare(options.accept),
        Options { sizes: true, .. } => sizes::run(options),
        _ => compare::run(options),
    }
}
