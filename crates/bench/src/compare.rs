//! Server and floor in turn, and the table.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::Options;
use crate::child::Child;
use crate::load::{Measured, Order, Subject};
use crate::process::{self, Cores};
use crate::setup::Setup;
use crate::workload::Workload;

/// Seconds of load before it counts.
const WARM_UP: f64 = 1.0;

/// A line of the table.
#[derive(Serialize)]
struct Row {
    workload: &'static str,
    /// The medians over the rounds.
    rps: f64,
    floor_rps: f64,
    /// The median of the rounds' ratios: noise that lasts longer than a round hits both.
    ratio: f64,
    cpu_us: f64,
    p50_ms: f64,
    p99_ms: f64,
    floor_cpu_us: f64,
    /// Floor over server, by CPU time: what the ratio would be if nothing ever waited.
    cpu_ratio: f64,
    busy: f64,
    floor_busy: f64,
    answer_bytes: f64,
    floor_answer_bytes: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<f64>,
    /// The ratio of each round.
    rounds: Vec<f64>,
    /// Not the measured process but the load was at its limit, in some round.
    load_bound: bool,
}

/// Runs the comparison and prints it.
pub fn run(options: &Options) -> Result<()> {
    let bench = Bench::new(options)?;
    if !options.json {
        bench.introduce()?;
    }
    let all = [
        Workload::ClientCredentials,
        Workload::Refresh,
        Workload::Code,
        Workload::Introspect,
        Workload::Authorize,
        Workload::Userinfo,
    ];
    let wanted = all.into_iter().filter(|one| options.workload.is_empty() || options.workload.contains(one));
    let mut rows = Vec::new();
    if !options.json {
        println!("{}", heading());
    }
    for workload in wanted {
        let row = bench.workload(workload)?;
        if !options.json {
            println!("{}", line(&row));
        }
        rows.push(row);
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    }
    Ok(())
}

/// A place for stores that is removed at the end.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// Makes it.
    pub fn new(options: &Options) -> Result<Scratch> {
        let beside = || Some(std::env::current_exe().ok()?.parent()?.to_owned());
        let base = options.dir.clone().or_else(beside).context("name a folder with --dir")?;
        let dir = base.join(format!("bench-data-{}", std::process::id()));
        std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
        Ok(Scratch(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Bench<'a> {
    options: &'a Options,
    cores: Option<Cores>,
    scratch: Scratch,
}

impl<'a> Bench<'a> {
    fn new(options: &'a Options) -> Result<Bench<'a>> {
        Ok(Bench { options, cores: Cores::find(), scratch: Scratch::new(options)? })
    }

    fn introduce(&self) -> Result<()> {
        let Options { connections, rounds, seconds, .. } = self.options;
        println!("{connections} connections; median of {rounds} rounds of {seconds} s each, server and floor in turn");
        match self.cores {
            Some(Cores { measured, load }) if measured != load => {
                println!("measured on core {measured}, loaded from core {load}")
            }
            Some(_) => {
                println!("only one core: the load takes its share of it, and only the CPU column means something")
            }
            None => println!("no taskset: nothing is pinned"),
        }
        let sync = process::sync_micros(&self.scratch.0)?;
        println!("one durable write of 4 KiB at {}: {sync:.0} us\n", self.scratch.0.display());
        Ok(())
    }

    fn workload(&self, workload: Workload) -> Result<Row> {
        let core = self.cores.map(|cores| cores.measured);
        let dir = self.scratch.0.join(workload.name());
        let mut server = Child::serving(&dir, core)?;
        let setup: Setup = server.read()?;
        let mut floor = Child::start(&["--floor"], core, None)?;
        let floor_setup = Setup { address: floor.read()?, ..setup.clone() };
        let mut rounds = Vec::new();
        for _ in 0..self.options.rounds.max(1) {
            let ours = self.load(workload, Subject::Server, &setup, server.id())?;
            let least = self.load(workload, Subject::Floor, &floor_setup, floor.id())?;
            rounds.push((ours, least));
        }
        floor.stop()?;
        server.stop()?;
        std::fs::remove_dir_all(&dir)?;
        Ok(row(workload, &rounds))
    }

    fn load(&self, workload: Workload, subject: Subject, setup: &Setup, pid: u32) -> Result<Measured> {
        let Options { connections, seconds, .. } = *self.options;
        let order = Order { workload, subject, setup: setup.clone(), pid, connections, warm_up: WARM_UP, seconds };
        load(&order, self.cores.map(|cores| cores.load))
            .with_context(|| format!("{} on the {subject:?}", workload.name()))
    }
}

/// Has a child carry an order out.
pub fn load(order: &Order, core: Option<u32>) -> Result<Measured> {
    let mut child = Child::start(&["--load"], core, None)?;
    child.write(order)?;
    child.end_of_input();
    let measured = child.read()?;
    child.stop()?;
    Ok(measured)
}

fn row(workload: Workload, rounds: &[(Measured, Measured)]) -> Row {
    let ours = |of: fn(&Measured) -> f64| median(rounds.iter().map(|(ours, _)| of(ours)));
    let least = |of: fn(&Measured) -> f64| median(rounds.iter().map(|(_, least)| of(least)));
    let limited = |one: &Measured| one.load_busy > 0.97 && one.busy < 0.97;
    Row {
        workload: workload.name(),
        rps: ours(|one| one.rps),
        floor_rps: least(|one| one.rps),
        ratio: median(rounds.iter().map(|(ours, least)| ours.rps / least.rps)),
        cpu_us: ours(|one| one.cpu_us),
        p50_ms: ours(|one| one.p50_ms),
        p99_ms: ours(|one| one.p99_ms),
        floor_cpu_us: least(|one| one.cpu_us),
        cpu_ratio: median(rounds.iter().map(|(ours, least)| least.cpu_us / ours.cpu_us)),
        busy: ours(|one| one.busy),
        floor_busy: least(|one| one.busy),
        answer_bytes: ours(|one| one.answer_bytes),
        floor_answer_bytes: least(|one| one.answer_bytes),
        target: workload.target(),
        rounds: rounds.iter().map(|(ours, least)| ours.rps / least.rps).collect(),
        load_bound: rounds.iter().any(|(ours, least)| limited(ours) || limited(least)),
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        even if even % 2 == 0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}

fn heading() -> String {
    format!(
        "{:<19} {:>8} {:>8} {:>6} {:>7} {:>7} {:>8} {:>6} {:>7} {:>7} {:>5} {:>5} {:>11}",
        "workload",
        "rps",
        "floor",
        "ratio",
        "target",
        "cpu us",
        "floor us",
        "ratio",
        "p50 ms",
        "p99 ms",
        "busy",
        "floor",
        "bytes"
    )
}

fn line(row: &Row) -> String {
    let target = row.target.map_or_else(String::new, |target| format!("{target:.2}"));
    format!(
        "{:<19} {:>8.0} {:>8.0} {:>6.2} {:>7} {:>7.1} {:>8.1} {:>6.2} {:>7.2} {:>7.2} {:>4.0}% {:>4.0}% {:>5.0}/{:<5.0}{}",
        row.workload,
        row.rps,
        row.floor_rps,
        row.ratio,
        target,
        row.cpu_us,
        row.floor_cpu_us,
        row.cpu_ratio,
        row.p50_ms,
        row.p99_ms,
        row.busy * 100.0,
        row.floor_busy * 100.0,
        row.answer_bytes,
        row.floor_answer_bytes,
        if row.load_bound { "  the load was at its limit" } else { "" },
    )
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert_eq!(median(std::iter::empty()), 0.0);
    }
}
