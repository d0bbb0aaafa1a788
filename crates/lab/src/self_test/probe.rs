//! The probe, as a program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tokio::process::Command;
use tokio::time::timeout;

use super::Around;

/// A run of the probe that takes longer has come to a stop.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// The form of the report that is read here.
const SCHEMA: u32 = 1;
const PROGRAM: &str = "safeconduct-probe";

/// Where the probe is.
#[derive(Clone, Debug)]
pub struct Probe(PathBuf);

/// What is read of a report.
#[derive(Debug, Deserialize)]
pub struct Report {
    schema: u32,
    /// Whether every case was run.
    #[serde(default = "yes")]
    pub complete: bool,
    /// Threats by id.
    pub threats: BTreeMap<String, ThreatReport>,
}

fn yes() -> bool {
    true
}

/// What a threat came to.
#[derive(Debug, Deserialize)]
pub struct ThreatReport {
    /// `resisted`, `vulnerable`, `not-applicable` or `inconclusive`.
    pub verdict: String,
    /// Case by case.
    pub cases: Vec<CaseReport>,
}

/// What a case came to.
#[derive(Debug, Deserialize)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// As of the threat.
    pub verdict: String,
    /// The sentence that decided.
    pub because: String,
}

impl Report {
    /// The verdict on a threat.
    pub fn verdict(&self, id: &str) -> &str {
        self.threats.get(id).map_or("not in the report", |threat| threat.verdict.as_str())
    }

    /// Threats that came out vulnerable.
    pub fn vulnerable(&self) -> impl Iterator<Item = &str> {
        self.threats.iter().filter(|(_, threat)| threat.verdict == "vulnerable").map(|(id, _)| id.as_str())
    }

    /// The case that decided about a threat, and its sentence.
    pub fn because(&self, id: &str) -> String {
        let Some(threat) = self.threats.get(id) else { return "the probe does not know it".to_owned() };
        let case = threat.cases.iter().find(|case| case.verdict == threat.verdict);
        case.map_or_else(|| "no case was run".to_owned(), |case| format!("{}: {}", case.name, case.because))
    }
}

impl Probe {
    /// A probe at that path.
    pub fn at(path: PathBuf) -> Probe {
        Probe(path)
    }

    /// Finds the probe: where `SAFECONDUCT_PROBE` says, beside the program that runs, or made by cargo.
    ///
    /// # Errors
    /// It is nowhere, and cargo cannot make it.
    pub async fn find() -> Result<Probe> {
        if let Some(path) = std::env::var_os("SAFECONDUCT_PROBE") {
            let path = PathBuf::from(path);
            ensure!(path.is_file(), "SAFECONDUCT_PROBE: {} is no file", path.display());
            return Ok(Probe(path));
        }
        let own = std::env::current_exe().context("the path of this program")?;
        let beside = own.with_file_name(PROGRAM);
        // Cargo does nothing where it is up to date; without cargo, what lies there is used.
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "-p", PROGRAM, "--bin", PROGRAM]).current_dir(env!("CARGO_MANIFEST_DIR"));
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        match cargo.status().await {
            Ok(status) if status.success() => {}
            Ok(_) => bail!("cargo cannot build {PROGRAM}"),
            Err(_) if beside.is_file() => {}
            Err(error) => bail!("{} is not there, and cargo does not start: {error}", beside.display()),
        }
        ensure!(beside.is_file(), "cargo built {PROGRAM}, but not at {}: set SAFECONDUCT_PROBE", beside.display());
        Ok(Probe(beside))
    }

    /// Runs it against a target. Without names: everything.
    pub(super) async fn run(&self, target: &str, only: &[String], around: Around, folder: &Path) -> Result<Report> {
        let file = folder.join("target.toml");
        std::fs::write(&file, target).with_context(|| file.display().to_string())?;
        let out = folder.join("report");
        let mut command = Command::new(&self.0);
        command.arg("run").arg(&file).arg("--out").arg(&out);
        if !only.is_empty() {
            command.arg("--only").arg(only.join(","));
        }
        if around == Around::Quick {
            command.arg("--and-quick");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("{} does not start", self.0.display()))?;
        let ended = timeout(PATIENCE, child.wait_with_output()).await;
        let output = ended.context("the probe does not end")?.context("the probe's end cannot be seen")?;
        let path = out.join("report.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!(
                "the probe wrote no report ({}): {}",
                output.status,
                said.trim().lines().last().unwrap_or("nothing said")
            );
        };
        let report: Report = serde_json::from_str(&text).context("the report is not as expected")?;
        ensure!(report.schema == SCHEMA, "the report has schema {}, not {SCHEMA}", report.schema);
        ensure!(report.complete, "the probe did not run every case");
        Ok(report)
    }
}
