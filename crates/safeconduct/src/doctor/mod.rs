//! `doctor`: looks for what is wrong or weak, and tells the fix.

mod certificate;
mod clients;
mod clock;
mod files;
mod http;
mod issuer;
mod keys;
mod settings;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use jose::UnixTime;
use serde::Serialize;
use serde_json::json;
use server::clock::{Clock, SystemClock};
use server::commands::{Command, CommandError};
use server::config::Config;
use server::control::{self, StoreLock};

use crate::args::ConfigFile;
use crate::output::Output;

#[derive(Args)]
#[command(
    after_help = "Example:\n  safeconduct doctor --config /etc/safeconduct/safeconduct.toml\n\nExample: in a nightly \
                        job, only what matters\n  safeconduct doctor --json || mail -s 'safeconduct' root\n\nIt exits with \
                        1 if a finding is an error; warnings and notices do not count. Run it as the server's user."
)]
pub struct Doctor {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    output: Output,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not work, or is open to others now.
    Error,
    /// It works, with less protection than it could have, or not for long.
    Warning,
    /// Worth knowing.
    Notice,
}

/// One thing that was found, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    severity: Severity,
    /// Which part of the doctor found it.
    check: &'static str,
    /// What it is about: a file, a client, a key.
    about: String,
    problem: String,
    fix: String,
}

/// The findings of all checks.
#[derive(Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    fn add(
        &mut self,
        severity: Severity,
        check: &'static str,
        about: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (about, problem, fix) = (about.into(), problem.into(), fix.into());
        self.list.push(Finding { severity, check, about, problem, fix });
    }

    fn error(
        &mut self,
        check: &'static str,
        about: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Severity::Error, check, about, problem, fix);
    }

    fn warning(
        &mut self,
        check: &'static str,
        about: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Severity::Warning, check, about, problem, fix);
    }

    fn notice(
        &mut self,
        check: &'static str,
        about: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Severity::Notice, check, about, problem, fix);
    }

    fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// What the checks look at.
pub struct Patient<'a> {
    pub config: &'a Config,
    pub now: UnixTime,
}

pub async fn run(args: Doctor) -> Result<ExitCode> {
    let mut findings = Findings::default();
    match Config::load(args.config.path()) {
        Ok(config) => examine(&args, &config, &mut findings).await,
        Err(error) => {
            let problem = format!("{} {}", error.key, error.problem);
            findings.error("config", error.origin.to_string(), problem.trim(), error.fix);
        }
    }
    findings.list.sort_by_key(|finding| finding.severity);
    let [errors, warnings, notices] =
        [Severity::Error, Severity::Warning, Severity::Notice].map(|severity| findings.count(severity));
    let report = json!({ "findings": findings.list, "errors": errors, "warnings": warnings, "notices": notices });
    args.output.print(&report, |_| told(&findings))?;
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(args: &Doctor, config: &Config, findings: &mut Findings) {
    let patient = Patient { config, now: SystemClock.now() };
    // Before anything opens the store or the keys: opening puts some modes right by itself.
    files::check(&patient, args.config.path(), findings);
    settings::check(&patient, findings);
    clock::check(&patient, args.config.path(), findings);
    if let Some(tls) = &config.server.tls {
        certificate::check_file(&tls.certificate, patient.now, findings);
    }
    if !config.store.path.exists() {
        let fix = "make one with `safeconduct init`, or put store.path right";
        findings.error("store", config.store.path.display().to_string(), "there is no store", fix);
        return;
    }
    let running = !StoreLock::is_free(&control::folder(config));
    if let Err(error) = look_inside(&patient, findings).await {
        findings.error("store", config.store.path.display().to_string(), error.problem, error.fix);
    }
    if running {
        issuer::check(&patient, findings).await;
    } else {
        let problem = "the server is stopped: whether the issuer can be reached was not checked";
        findings.notice("issuer", config.issuer.to_string(), problem, "start the server and run doctor again");
    }
}

/// What only the store and a running server know.
async fn look_inside(patient: &Patient<'_>, findings: &mut Findings) -> Result<(), CommandError> {
    let config = patient.config;
    control::perform(config, Command::Probe).await?;
    keys::check(patient, &control::perform(config, Command::KeysList).await?, findings);
    clients::check(patient, &control::perform(config, Command::ClientList).await?, findings);
    let newest = Command::EventsList { after: None, since: None, limit: 1 };
    clock::check_events(patient, &control::perform(config, newest).await?, findings);
    Ok(())
}

fn told(findings: &Findings) -> String {
    let mut text = String::new();
    for Finding { severity, check, about, problem, fix } in &findings.list {
        let word = match severity {
            Severity::Error => "ERROR",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        };
        text.push_str(&format!("{word:8} {check}: {about}: {problem}\n         fix: {fix}\n"));
    }
    let [errors, warnings, notices] =
        [Severity::Error, Severity::Warning, Severity::Notice].map(|severity| findings.count(severity));
    if text.is_empty() {
        "Nothing to mend.".to_owned()
    } else {
        format!("{text}\n{errors} errors, {warnings} warnings, {notices} notices")
    }
}

/// A span of seconds in days, for people.
fn days(seconds: i64) -> i64 {
    seconds / 86_400
}
