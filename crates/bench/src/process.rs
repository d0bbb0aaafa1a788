//! What Linux tells about processes, and the cores they may run on.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// CPU time of all living threads of a process so far, to the nanosecond as the scheduler counts it. A thread that ends
/// takes its time with it; none does while load runs.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let mut nanos = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).context("no such process")? {
        // A thread may end between listing and reading.
        let Ok(line) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        nanos += line.split(' ').next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanos))
}

/// Resident memory of a process, in KiB.
pub fn resident_kib(pid: u32) -> Result<u64> {
    status_field(&format!("/proc/{pid}/status"), "VmRSS:")
        .and_then(|value| value.split_whitespace().next()?.parse().ok())
        .context("no resident size in /proc")
}

fn status_field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
}

/// One core for what is measured, and another for what loads it.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// For the server or the floor.
    pub measured: u32,
    /// For the load; the same one where there is no other.
    pub load: u32,
}

impl Cores {
    /// The first two cores that this process may use. `None` where `taskset` is missing: nothing is pinned then.
    pub fn find() -> Option<Cores> {
        let found = Command::new("taskset").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            return None;
        }
        let list = status_field("/proc/self/status", "Cpus_allowed_list:")?;
        let cores: Vec<u32> = list.split(',').filter_map(range).flatten().collect();
        let measured = *cores.first()?;
        Some(Cores { measured, load: cores.get(1).copied().unwrap_or(measured) })
    }
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<u32>> {
    match text.split_once('-') {
        Some((first, last)) => Some(first.parse().ok()?..=last.parse().ok()?),
        None => text.parse().ok().map(|core| core..=core),
    }
}

/// Microseconds that one small durable write takes here: what durability costs a server that does not share it.
pub fn sync_micros(dir: &Path) -> Result<f64> {
    use std::io::Write as _;
    const ROUNDS: u32 = 100;
    let path = dir.join("sync-probe");
    let mut file = fs::File::create(&path)?;
    let start = std::time::Instant::now();
    for _ in 0..ROUNDS {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
    fs::remove_file(path)?;
    Ok(each)
}
