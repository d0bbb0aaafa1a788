//! What the server weighs: its binary, its memory, its start.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::Options;
use crate::child::Child as Serving;
use crate::compare::{Scratch, load};
use crate::load::{Order, Subject};
use crate::process::{self, Cores};
use crate::serve;
use crate::setup::Setup;
use crate::workload::Workload;

const MIB: f64 = 1024.0 * 1024.0;

/// Measures and prints.
pub fn run(options: &Options) -> Result<()> {
    let scratch = Scratch::new(options)?;
    match binary() {
        Some(binary) => of_binary(&binary, &scratch)?,
        None => {
            println!("skipped: binary size, idle memory, time to ready (cargo build --release -p safeconduct first)")
        }
    }
    over_time(options, &scratch)
}

/// The server's program, built beside this one.
fn binary() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.with_file_name("safeconduct");
    path.is_file().then_some(path)
}

fn of_binary(binary: &std::path::Path, scratch: &Scratch) -> Result<()> {
    let size = std::fs::metadata(binary)?.len() as f64 / MIB;
    row("release binary", size, "MB", 25.0);
    let dir = scratch.0.join("started");
    let config = serve::config(&dir)?;
    // The first start makes keys and store; what counts is how the next ones go.
    drop(Started::start(binary, &dir, config.server.admin_listen)?);
    let mut times: Vec<f64> = Vec::new();
    let mut idle = 0.0;
    for _ in 0..7 {
        let started = Started::start(binary, &dir, config.server.admin_listen)?;
        times.push(started.ready_after.as_secs_f64() * 1e3);
        std::thread::sleep(Duration::from_secs(1));
        idle = process::resident_kib(started.process.id())? as f64 / 1024.0;
    }
    times.sort_by(f64::total_cmp);
    row("ready on an existing store", times[times.len() / 2], "ms", 200.0);
    row("idle memory", idle, "MB", 30.0);
    Ok(())
}

/// A server's memory before and after load of several kinds, which leaves rows in the store and must leave none in memory.
fn over_time(options: &Options, scratch: &Scratch) -> Result<()> {
    let cores = Cores::find();
    let dir = scratch.0.join("over-time");
    let mut server = Serving::serving(&dir, cores.map(|cores| cores.measured))?;
    let setup: Setup = server.read()?;
    let resident = || anyhow::Ok(process::resident_kib(server.id())? as f64 / 1024.0);
    println!("{:<28} {:>9.1} MB", "memory before load", resident()?);
    for workload in [Workload::Refresh, Workload::Authorize, Workload::ClientCredentials].into_iter().cycle().take(12) {
        let (setup, pid) = (setup.clone(), server.id());
        let Options { connections, seconds, .. } = *options;
        let order = Order { workload, subject: Subject::Server, setup, pid, connections, warm_up: 0.1, seconds };
        let measured = load(&order, cores.map(|cores| cores.load))?;
        let answers = measured.rps * seconds;
        println!("{:<28} {:>9.1} MB, after {answers:.0} more answers", workload.name(), resident()?);
    }
    server.stop()
}

fn row(what: &str, value: f64, unit: &str, most: f64) {
    let verdict = if value < most { "" } else { "  above the limit" };
    println!("{what:<28} {value:>9.1} {unit} (limit {most:.0}){verdict}");
}

/// A server of the real program.
struct Started {
    process: Child,
    ready_after: Duration,
}

impl Started {
    fn start(binary: &std::path::Path, dir: &std::path::Path, admin: SocketAddr) -> Result<Started> {
        let start = Instant::now();
        let process = Command::new(binary)
            .args(["serve", "--config"])
            .arg(dir.join("safeconduct.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the server")?;
        let mut started = Started { process, ready_after: Duration::ZERO };
        while !ready(admin) {
            ensure!(started.process.try_wait()?.is_none(), "the server ended at once");
            if start.elapsed() > Duration::from_secs(10) {
                bail!("the server was not ready after 10 s");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        started.ready_after = start.elapsed();
        Ok(started)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // The polite signal, so that the store is closed; there is no safe call for it in the standard library.
        let told = Command::new("kill").arg(self.process.id().to_string()).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn ready(admin: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(admin)?;
        write!(stream, "GET /health/ready HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
