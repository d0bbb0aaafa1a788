//! A run: which cases, in which order, within which bounds, and what they come to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::case::{Case, Phase};
use crate::cx::{Cx, Shared};
use crate::exchange::Exchange;
use crate::features::Known;
use crate::ledger;
use crate::mask::Mask;
use crate::verdict::{CaseResult, Outcome, Report, Stop, ThreatResult, Verdict};

/// Which threats and cases are wanted. Empty: all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Ids of threats, or of cases (`threat/name`).
    pub only: Vec<String>,
    /// Groups of the ledger.
    pub groups: Vec<String>,
    /// Whether quick cases of all other threats are wanted besides.
    pub beside: Beside,
}

/// What is run besides the threats that were named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    #[default]
    Nothing,
    /// Every case that neither waits nor floods.
    Quick,
}

impl Selection {
    /// Words that name no threat, case or group.
    #[must_use]
    pub fn unknown(&self, cases: &[Case]) -> Vec<String> {
        let known = |word: &String| ledger::threat(word).is_some() || cases.iter().any(|case| case.head.id() == *word);
        let only = self.only.iter().filter(|word| !known(word));
        let groups = self.groups.iter().filter(|group| !ledger::threats().iter().any(|threat| threat.group == **group));
        only.chain(groups).cloned().collect()
    }

    fn is_all(&self) -> bool {
        self.only.is_empty() && self.groups.is_empty()
    }

    fn wants_threat(&self, threat: &ledger::Threat) -> bool {
        let prefix = format!("{}/", threat.id);
        let named = self.only.iter().any(|word| *word == threat.id || word.starts_with(&prefix));
        self.beside == Beside::Quick || self.is_all() || named || self.groups.contains(&threat.group)
    }

    fn wants_case(&self, case: &Case) -> bool {
        let whole = |threat: &ledger::Threat| {
            self.is_all() || self.only.contains(&threat.id) || self.groups.contains(&threat.group)
        };
        let quick = self.beside == Beside::Quick && case.head.phase == Phase::Normal;
        quick || self.only.contains(&case.head.id()) || ledger::threat(&case.head.threat).is_some_and(whole)
    }
}

/// Told while a run goes on.
pub trait Progress: Send + Sync {
    /// A case has ended: how many have, of how many.
    fn ended(&self, done: usize, total: usize, case: &str, result: &CaseResult);
}

/// Runs the selected cases that `done` does not hold yet.
///
/// `stop` ends the run early when it becomes true: what is done is kept, and the report says that it is not complete.
pub async fn run(
    shared: &Arc<Shared>,
    cases: Vec<Case>,
    selection: &Selection,
    done: Option<Report>,
    progress: Arc<dyn Progress>,
    stop: watch::Receiver<bool>,
) -> Report {
    let began = Instant::now();
    let started = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default();
    let mut results: BTreeMap<String, Vec<CaseResult>> = BTreeMap::new();
    for (id, threat) in done.into_iter().flat_map(|report| report.threats) {
        results.insert(id, threat.cases);
    }
    let known = |case: &Case| results.get(&case.head.threat).is_some_and(|found| found.iter().any(|old| old.name == case.head.name));
    let wanted: Vec<Case> = cases.into_iter().filter(|case| selection.wants_case(case) && !known(case)).collect();
    let mut runner = Runner {
        shared: shared.clone(),
        mask: Arc::new(Mask::of_target(&shared.target)),
        progress,
        stop,
        deadline: began + Duration::from_secs(shared.target.limits.run_seconds),
        total: wanted.len(),
        done: 0,
    };
    // Before anything is attacked: later an attack could be what broke it.
    let _ = shared.lifeless().await;
    let (quiet, noisy): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|case| case.head.phase != Phase::Noisy);
    for (case, result) in runner.quiet(quiet).await.into_iter().chain(runner.noisy(noisy).await) {
        results.entry(case).or_default().push(result);
    }
    let complete = runner.done == runner.total;
    let threats = runner.sum(selection, results).await;
    Report {
        schema: Report::SCHEMA,
        probe: env!("CARGO_PKG_VERSION").to_owned(),
        issuer: shared.target.issuer.clone(),
        target: shared.target.name.clone(),
        started,
        millis: millis(began),
        complete,
        summary: Report::summarise(&threats),
        threats,
    }
}

struct Runner {
    shared: Arc<Shared>,
    mask: Arc<Mask>,
    progress: Arc<dyn Progress>,
    stop: watch::Receiver<bool>,
    deadline: Instant,
    total: usize,
    done: usize,
}

impl Runner {
    fn is_over(&self) -> bool {
        *self.stop.borrow() || Instant::now() >= self.deadline
    }

    /// Those that disturb nobody, some at once. Those that wait begin first: they cost nothing while they wait.
    async fn quiet(&mut self, mut cases: Vec<Case>) -> Vec<(String, CaseResult)> {
        cases.sort_by_key(|case| std::cmp::Reverse(case.head.phase));
        let places = Arc::new(Semaphore::new(self.shared.target.limits.parallel));
        let mut running = JoinSet::new();
        for case in cases {
            let (shared, mask, places, stop) = (self.shared.clone(), self.mask.clone(), places.clone(), self.stop.clone());
            let deadline = self.deadline;
            running.spawn(async move {
                // The semaphore is never closed.
                let _place = match case.head.phase {
                    Phase::Normal | Phase::Noisy => places.acquire().await.ok(),
                    Phase::Slow => None,
                };
                if *stop.borrow() || Instant::now() >= deadline {
                    return None;
                }
                let (head, result) = one(&shared, &mask, case).await;
                Some((head.threat.clone(), head.id(), result))
            });
        }
        let mut results = Vec::new();
        loop {
            let ended = tokio::select! {
                ended = running.join_next() => ended,
                () = until(&mut self.stop, self.deadline) => { running.abort_all(); break }
            };
            match ended {
                None => break,
                Some(Ok(Some((threat, id, result)))) => {
                    self.count(&id, &result);
                    results.push((threat, result));
                }
                Some(_) => {}
            }
        }
        results
    }

    async fn noisy(&mut self, cases: Vec<Case>) -> Vec<(String, CaseResult)> {
        let mut results = Vec::new();
        for case in cases {
            if self.is_over() {
                break;
            }
            let (shared, mask) = (self.shared.clone(), self.mask.clone());
            let (head, result) = one(&shared, &mask, case).await;
            self.count(&head.id(), &result);
            results.push((head.threat, result));
        }
        results
    }

    fn count(&mut self, id: &str, result: &CaseResult) {
        self.done += 1;
        self.progress.ended(self.done, self.total, id, result);
    }

    /// Every selected threat, also those without a case: their feature is off, or it is said that nothing was tried.
    async fn sum(&self, selection: &Selection, mut results: BTreeMap<String, Vec<CaseResult>>) -> BTreeMap<String, ThreatResult> {
        let mut threats = BTreeMap::new();
        for threat in ledger::threats().iter().filter(|threat| selection.wants_threat(threat)) {
            let mut cases = results.remove(&threat.id).unwrap_or_default();
            cases.sort_by(|a, b| a.name.cmp(&b.name));
            if cases.is_empty() {
                cases.push(self.without_case(threat).await);
            }
            let verdict = ThreatResult::sum(&cases);
            let (title, group, hint) = (threat.title.clone(), threat.group.clone(), threat.hint.clone());
            threats.insert(threat.id.clone(), ThreatResult { title, group, verdict, hint, cases });
        }
        threats
    }

    async fn without_case(&self, threat: &ledger::Threat) -> CaseResult {
        let (verdict, evidence) = if self.is_over() {
            (Stop::inconclusive("the run ended before its cases ran").into(), Vec::new())
        } else if let Some(lifeless) = self.shared.lifeless().await {
            lifeless.verdict()
        } else {
            let none = || (Stop::inconclusive("the probe has no case for it that was run").into(), Vec::new());
            match &threat.feature {
                None => none(),
                Some(feature) => off(&Cx::new(&self.shared), feature).await.unwrap_or_else(none),
            }
        };
        result("feature", "Whether the server has the feature at all", &threat.sections, verdict, evidence, 0, &self.mask)
    }
}

/// Returns when the run is to end: stopped, or out of time.
async fn until(stop: &mut watch::Receiver<bool>, deadline: Instant) {
    tokio::select! {
        // A sender that is gone can stop nothing: then only the deadline counts.
        ended = stop.wait_for(|stop| *stop) => if ended.is_err() { tokio::time::sleep_until(deadline.into()).await },
        () = tokio::time::sleep_until(deadline.into()) => {}
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Runs one case in a task of its own, so that neither a panic nor silence of the target ends the run.
async fn one(shared: &Arc<Shared>, mask: &Mask, case: Case) -> (crate::case::Head, CaseResult) {
    let began = Instant::now();
    let head = case.head.clone();
    let cx = Cx::new(shared);
    let limit = Duration::from_secs(shared.target.limits.case_seconds + if head.phase == Phase::Slow { 400 } else { 0 });
    let (verdict, evidence) = match gate(&cx, &head).await {
        Some(ended) => ended,
        None => {
            let task_cx = cx.clone();
            let task = tokio::spawn(async move { tokio::time::timeout(limit, case.run(&task_cx)).await });
            let guard = AbortOnDrop(task.abort_handle());
            let verdict = match task.await {
                Ok(Ok(Ok(verdict))) => verdict,
                Ok(Ok(Err(stop))) => stop.into(),
                Ok(Err(_)) => Stop::inconclusive(format!("the case did not end within {} s", limit.as_secs())).into(),
                Err(error) => Stop::inconclusive(format!("the case itself broke: {error}")).into(),
            };
            drop(guard);
            (verdict, cx.http.recorded())
        }
    };
    let threat_sections = ledger::threat(&head.threat).map(|threat| threat.sections.clone()).unwrap_or_default();
    let sections = if head.sections.is_empty() { &threat_sections } else { &head.sections };
    let result = result(&head.name, &head.title, sections, verdict, evidence, millis(began), mask);
    (head, result)
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What ends a case before it runs: something missing in the target file, or a feature that is off.
async fn gate(cx: &Cx, head: &crate::case::Head) -> Option<(Verdict, Vec<Exchange>)> {
    if let Some(lifeless) = cx.shared.lifeless().await {
        return Some(lifeless.verdict());
    }
    let threat = ledger::threat(&head.threat);
    let features = threat.iter().filter_map(|threat| threat.feature.as_ref()).chain(&head.features);
    for feature in features {
        if let Some(ended) = off(cx, feature).await {
            return Some(ended);
        }
    }
    let target = cx.target();
    let missing = head.needs.iter().find(|need| match need.as_str() {
        "user" => target.user.is_none(),
        "second-user" => target.second_user.is_none(),
        "resource" => target.resource.is_none(),
        "other-resource" => target.other_resource.is_none(),
        role => !target.clients.contains_key(role),
    })?;
    Some((Stop::inconclusive(format!("the target file names no {missing}, which this case needs")).into(), Vec::new()))
}

async fn off(cx: &Cx, feature: &str) -> Option<(Verdict, Vec<Exchange>)> {
    match cx.feature(feature).await {
        Known::On => None,
        Known::Off(why, evidence) => Some((Stop::NotApplicable(why).into(), evidence)),
        Known::Unknown(why, evidence) => Some((Stop::inconclusive(format!("whether the server has {feature}: {why}")).into(), evidence)),
    }
}

fn result(
    name: &str,
    title: &str,
    sections: &[String],
    verdict: Verdict,
    evidence: Vec<Exchange>,
    millis: u64,
    mask: &Mask,
) -> CaseResult {
    let (evidence, because) = mask.apply(evidence, &verdict.because);
    let (name, title, sections) = (name.to_owned(), title.to_owned(), sections.to_vec());
    let verdict = verdict.outcome;
    debug_assert!(verdict != Outcome::Vulnerable || !because.is_empty(), "a finding says why");
    CaseResult { name, title, verdict, because, sections, evidence, millis }
}
