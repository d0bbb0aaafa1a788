//! The proof that the probe can fail: the probe against a straw server, once clean and once per weakness.
//!
//! The probe is started as a program and read by its report. Nothing of it is linked here, so that both cannot make the same
//! mistake.

mod probe;
mod table;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use protocol::threat::Threat;
use tempfile::TempDir;
use tokio::task::JoinSet;

pub use probe::{Probe, Report, ThreatReport};
pub use table::{Clean, KillTable, Row};

use crate::straw::weakness::{self, Row as Weak};
use crate::straw::{self, Options};

/// How far around a weakness is looked for false alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Every threat that the probe knows. Takes a whole run of the probe per weakness.
    Everything,
    /// The threat alone: nothing is said of false alarms.
    Nothing,
    /// Every case of the probe that neither waits nor floods.
    Quick,
}

/// What is to be shown.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Groups, as in `authorization-code`. All where there are none.
    pub groups: Vec<String>,
    /// Threats. All of the groups where there are none.
    pub only: Vec<String>,
    /// How far is looked around.
    pub around: Around,
    /// Straws at the same time.
    pub jobs: usize,
    /// What the straws are started with, weaknesses apart.
    pub options: Options,
}

/// The group's name in the ledger: `authorization-code`.
pub fn group_of(threat: Threat) -> String {
    let mut name = String::new();
    for letter in format!("{:?}", threat.group()).chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// Every threat that can be seen from outside.
pub fn visible() -> impl Iterator<Item = Threat> {
    Threat::ALL.iter().copied().filter(|threat| threat.seen_from_outside())
}

impl Plan {
    /// The threats that it is about.
    ///
    /// # Errors
    /// A group or threat that does not exist.
    pub fn threats(&self) -> Result<Vec<Threat>> {
        if let Some(group) = self.groups.iter().find(|group| !visible().any(|threat| group_of(threat) == **group)) {
            let mut groups: Vec<String> = visible().map(group_of).collect();
            groups.dedup();
            bail!("no group is called {group}; there are: {}", groups.join(", "));
        }
        if let Some(id) = self.only.iter().find(|id| !visible().any(|threat| threat.id() == **id)) {
            bail!("no threat that can be seen from outside is called {id}; see THREATS.md");
        }
        let wanted = |threat: &Threat| {
            (self.groups.is_empty() || self.groups.contains(&group_of(*threat)))
                && (self.only.is_empty() || self.only.iter().any(|id| id == threat.id()))
        };
        Ok(visible().filter(wanted).collect())
    }
}

/// One run of the probe.
enum Job {
    /// Against a clean straw: the threats of one group, or some of them.
    Clean { only: Vec<String> },
    /// Against a straw with one weakness.
    Weak(&'static Weak, Threat),
}

/// Runs the plan. `tell` hears of each run that has ended.
///
/// # Errors
/// What keeps the self-test from being run at all. A run of the probe that fails is a row that was not killed.
pub async fn run(plan: &Plan, probe: Probe, tell: impl Fn(&str) + Send + Sync + 'static) -> Result<KillTable> {
    let threats = plan.threats()?;
    let place = TempDir::with_prefix("self-test-").context("no temporary folder")?;
    let mut jobs: VecDeque<Job> = threats.iter().filter_map(|threat| weak_job(*threat)).collect();
    // A straw has the bounds of the real server (requests of one address that may wait, say), so a clean one per group.
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for threat in &threats {
        groups.entry(group_of(*threat)).or_default().push(threat.id().to_owned());
    }
    jobs.extend(groups.into_values().map(|only| Job::Clean { only }));
    let total = jobs.len();
    let worker = Arc::new(Worker {
        plan: plan.clone(),
        probe,
        place,
        jobs: Mutex::new(jobs.into_iter().enumerate().collect()),
        done: Mutex::default(),
    });
    let tell = Arc::new(tell);
    let mut workers = JoinSet::new();
    for _ in 0..plan.jobs.max(1) {
        let (worker, tell) = (worker.clone(), tell.clone());
        workers.spawn(async move {
            while let Some((number, job)) = worker.next() {
                let began = Instant::now();
                let report = worker.run(number, &job).await;
                let finished = worker.done(job, report);
                tell(&format!("[{}/{total}] {} ({:.1} s)", finished.0, finished.1, began.elapsed().as_secs_f64()));
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.context("a run ended in a panic")?;
    }
    let done = std::mem::take(&mut *worker.done.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(table::of(&threats, done, plan.around))
}

fn weak_job(threat: Threat) -> Option<Job> {
    weakness::TABLE.iter().find(|row| row.threat == threat.id()).map(|row| Job::Weak(row, threat))
}

/// What has been found out so far.
#[derive(Default)]
struct Done {
    clean: Vec<Result<Report>>,
    weak: BTreeMap<&'static str, Result<Report>>,
}

struct Worker {
    plan: Plan,
    probe: Probe,
    place: TempDir,
    jobs: Mutex<VecDeque<(usize, Job)>>,
    done: Mutex<Done>,
}

impl Worker {
    fn next(&self) -> Option<(usize, Job)> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    async fn run(&self, number: usize, job: &Job) -> Result<Report> {
        let mut options = self.plan.options.clone();
        let (mut only, mut around) = (Vec::new(), Around::Nothing);
        match job {
            Job::Clean { only: ids } => only.clone_from(ids),
            Job::Weak(row, threat) => {
                options.weak = vec![row];
                // A lie on the wire makes all requests come from one address, whose bounds many cases would use up.
                around = if (row.make)().wire().is_some() { Around::Nothing } else { self.plan.around };
                if around != Around::Everything {
                    only.push(threat.id().to_owned());
                }
            }
        }
        let straw = straw::start(&options).await?;
        let folder = self.place.path().join(number.to_string());
        std::fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        self.probe.run(&straw.target()?, &only, around, &folder).await
    }

    /// Keeps what came of a job; how many are done, and a line about this one.
    fn done(&self, job: Job, report: Result<Report>) -> (usize, String) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let text = match (&job, &report) {
            (_, Err(error)) => format!("{}: {error:#}", job.name()),
            (Job::Clean { .. }, Ok(report)) => format!("{}: {} vulnerable", job.name(), report.vulnerable().count()),
            (Job::Weak(row, _), Ok(report)) => format!("{}: {}", row.threat, report.verdict(row.threat)),
        };
        match job {
            Job::Clean { .. } => done.clean.push(report),
            Job::Weak(row, _) => drop(done.weak.insert(row.threat, report)),
        }
        (done.clean.len() + done.weak.len(), text)
    }
}

impl Job {
    fn name(&self) -> String {
        match self {
            Job::Clean { only } => format!("clean ({} threats)", only.len()),
            Job::Weak(row, _) => row.threat.to_owned(),
        }
    }
}
