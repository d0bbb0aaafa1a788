//! `safeconduct-probe run`: attacks the target and writes the reports.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::watch;

use crate::case::catalogue;
use crate::discover;
use crate::ledger;
use crate::report;
use crate::run::{Beside, Selection, run};
use crate::target::Target;
use crate::verdict::{Outcome, Report};

/// What makes the exit code non-zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FailOn {
    /// Something is vulnerable, or could not be decided.
    Inconclusive,
    /// Something is vulnerable.
    Vulnerable,
}

/// What `run` was asked for.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The target file (see `init`).
    pub target: PathBuf,
    /// Only these threats, or cases as `threat/case`.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub only: Vec<String>,
    /// Only these groups of the ledger.
    #[arg(long, value_name = "GROUP", num_args = 1.., value_delimiter = ',')]
    pub group: Vec<String>,
    /// Besides those, every case that neither waits nor floods.
    #[arg(long)]
    pub and_quick: bool,
    /// Where to write report.html, report.json, report.sarif and junit.xml.
    #[arg(long, value_name = "DIR", default_value = "probe-report")]
    pub out: PathBuf,
    /// What makes the exit code 1.
    #[arg(long, value_enum, default_value = "vulnerable")]
    pub fail_on: FailOn,
    /// Go on with the report in the folder: cases that it holds are not run again.
    #[arg(long)]
    pub resume: bool,
    /// You may attack this server. Needed for every host but this machine.
    #[arg(long)]
    pub i_am_authorized: bool,
}

/// Runs, and returns the exit code: 0 well, 1 what `--fail-on` says, 2 could not run, 130 interrupted.
///
/// # Errors
/// A sentence for the terminal. A report was written only if it says so.
pub async fn main(args: RunArgs) -> Result<ExitCode, String> {
    let target = Target::read(&args.target).map_err(|problem| problem.to_string())?;
    let foreign = target.foreign();
    if !foreign.is_empty() && !args.i_am_authorized {
        return Err(format!(
            "{} is not this machine. Attacks are for servers that you may attack: give --i-am-authorized if you may",
            foreign.join(", ")
        ));
    }
    let cases = catalogue()?;
    let selection = Selection { only: args.only.clone(), groups: args.group.clone(), beside: if args.and_quick { Beside::Quick } else { Beside::Nothing } };
    let unknown = selection.unknown(&cases);
    if !unknown.is_empty() {
        return Err(format!("no threat, case or group is called {} (see `list`)", unknown.join(", ")));
    }
    let json = args.out.join("report.json");
    let done = if args.resume && json.exists() { Some(report::json::read(&json)?) } else { None };
    if let Some(done) = done.as_ref().filter(|done| done.issuer != target.issuer) {
        return Err(format!("{} is about {}, not {}", json.display(), done.issuer, target.issuer));
    }
    std::fs::create_dir_all(&args.out).map_err(|error| format!("{}: {error}", args.out.display()))?;
    let shared = discover::shared(target).await?;
    let (sender, stop) = watch::channel(false);
    let interrupt = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("\ninterrupted: writing what is done");
            let _ = sender.send(true);
        }
    });
    let progress = Arc::new(report::progress::Terminal::new());
    let report = run(&shared, cases, &selection, done.map(decided), progress, stop).await;
    interrupt.abort();
    write(&report, &args.out, &args.target)?;
    if let Some(lifeless) = shared.lifeless().await {
        return Err(format!("nothing was found out: {}\nreport: {}", lifeless.why, args.out.display()));
    }
    print!("{}", summary(&report, &args.out, shared.http.sent()));
    Ok(exit_code(&report, args.fail_on))
}

/// Drops what was not decided, so that it is tried again.
fn decided(mut report: Report) -> Report {
    for threat in report.threats.values_mut() {
        threat.cases.retain(|case| case.verdict != Outcome::Inconclusive && case.name != "feature");
    }
    report
}

fn write(report: &Report, out: &Path, target: &Path) -> Result<(), String> {
    report::json::write(report, &out.join("report.json"))?;
    let page = report::html::render(report, ledger::threats()).map_err(|error| format!("report.html: {error}"))?;
    let sarif = report::sarif::render(report, ledger::threats(), &target.to_string_lossy()).to_string();
    for (name, text) in [("report.html", page), ("report.sarif", sarif), ("junit.xml", report::junit::render(report))] {
        let path = out.join(name);
        report::write(&path, text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn summary(report: &Report, out: &Path, sent: u64) -> String {
    let mut text = String::new();
    for (id, threat) in &report.threats {
        for case in
            threat.cases.iter().filter(|case| matches!(case.verdict, Outcome::Vulnerable | Outcome::Inconclusive))
        {
            text += &format!("{:12} {id}/{}: {}\n", case.verdict, case.name, case.because);
        }
    }
    let counts = report.summary;
    text += &format!(
        "{} threats: {} resisted, {} vulnerable, {} not applicable, {} inconclusive ({} cases, {sent} requests, {:.1} s{})\nreport: {}\n",
        report.threats.len(),
        counts.resisted,
        counts.vulnerable,
        counts.not_applicable,
        counts.inconclusive,
        report.threats.values().map(|threat| threat.cases.len()).sum::<usize>(),
        std::time::Duration::from_millis(report.millis).as_secs_f64(),
        if report.complete { "" } else { ", interrupted" },
        out.join("report.html").display(),
    );
    text
}

fn exit_code(report: &Report, fail_on: FailOn) -> ExitCode {
    let (vulnerable, inconclusive) = (report.summary.vulnerable > 0, report.summary.inconclusive > 0);
    if vulnerable || (inconclusive && fail_on == FailOn::Inconclusive) {
        ExitCode::from(1)
    } else if report.complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(130)
    }
}
