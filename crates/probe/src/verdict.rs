//! What a case, a threat and a whole run come to.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;

/// What was found out. Ordered by how much it weighs when the cases of one threat are summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The feature is off. It was tried, not only read in the metadata.
    NotApplicable,
    /// The honest variant worked and the attack did not.
    Resisted,
    /// It could not be found out. Never to be taken for `Resisted`.
    Inconclusive,
    /// The attack worked.
    Vulnerable,
}

impl Outcome {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Vulnerable, Self::Inconclusive, Self::Resisted, Self::NotApplicable];

    /// The word that reports and exit conditions use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Resisted => "resisted",
            Self::Inconclusive => "inconclusive",
            Self::Vulnerable => "vulnerable",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What one case came to, and the sentence that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What was found out.
    pub outcome: Outcome,
    /// Why, in one sentence.
    pub because: String,
}

impl Verdict {
    /// The honest variant worked, the attack did not.
    pub fn resisted(because: impl Into<String>) -> Self {
        Self { outcome: Outcome::Resisted, because: because.into() }
    }

    /// The attack worked.
    pub fn vulnerable(because: impl Into<String>) -> Self {
        Self { outcome: Outcome::Vulnerable, because: because.into() }
    }
}

/// Why a case ends before it can decide. Made by `?` in a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// Something the case needs did not happen: the control failed, the target was silent, a role is missing.
    #[error("{0}")]
    Inconclusive(String),
    /// The feature is off, as was tried.
    #[error("{0}")]
    NotApplicable(String),
}

impl Stop {
    /// What was missing.
    pub fn inconclusive(because: impl Into<String>) -> Self {
        Self::Inconclusive(because.into())
    }
}

impl From<Stop> for Verdict {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Inconclusive(because) => Self { outcome: Outcome::Inconclusive, because },
            Stop::NotApplicable(because) => Self { outcome: Outcome::NotApplicable, because },
        }
    }
}

/// One case as the report shows it. Holds no usable secret: the evidence is masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseResult {
    /// Name of the case within its threat, kebab case.
    pub name: String,
    /// What is tried, in a few words.
    pub title: String,
    /// What was found out.
    pub verdict: Outcome,
    /// The sentence that decided.
    pub because: String,
    /// Sections of specifications that the case rests on.
    pub sections: Vec<String>,
    /// The exchanges, in order, secrets masked.
    pub evidence: Vec<Exchange>,
    /// How long the case took, in milliseconds.
    pub millis: u64,
}

/// All cases of one threat.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ThreatResult {
    /// Title of the threat.
    pub title: String,
    /// Its group in the ledger.
    pub group: String,
    /// The sum of its cases.
    pub verdict: Outcome,
    /// What remains to be looked at by a person, where a black box can only hint.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
    /// The cases that were run.
    pub cases: Vec<CaseResult>,
}

impl ThreatResult {
    /// Vulnerable if any case is; else inconclusive if any is; else resisted if any is; else not applicable. A threat
    /// without a case that ran is inconclusive.
    #[must_use]
    pub fn sum(cases: &[CaseResult]) -> Outcome {
        cases.iter().map(|case| case.verdict).max().unwrap_or(Outcome::Inconclusive)
    }
}

/// How many threats came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Threats that were resisted in every case.
    pub resisted: usize,
    /// Threats of which at least one case worked.
    pub vulnerable: usize,
    /// Threats whose feature is off.
    pub not_applicable: usize,
    /// Threats that could not be decided.
    pub inconclusive: usize,
}

/// A run, as written to `report.json`. The version of its form is `schema`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Version of this form: 1. It changes when a reader would have to.
    pub schema: u32,
    /// Version of the probe.
    pub probe: String,
    /// Issuer that was tested.
    pub issuer: String,
    /// Name that the target file gives the server.
    pub target: String,
    /// When the run began, seconds since 1970 (UTC).
    pub started: u64,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Whether every selected case was run. False after an interrupt.
    pub complete: bool,
    /// How many threats came to what.
    pub summary: Summary,
    /// By threat id.
    pub threats: BTreeMap<String, ThreatResult>,
}

impl Report {
    /// The version that this probe writes and reads.
    pub const SCHEMA: u32 = 1;

    /// Counts the threats by what they came to.
    #[must_use]
    pub fn summarise(threats: &BTreeMap<String, ThreatResult>) -> Summary {
        let mut summary = Summary::default();
        for threat in threats.values() {
            match threat.verdict {
                Outcome::NotApplicable => summary.not_applicable += 1,
                Outcome::Resisted => summary.resisted += 1,
                Outcome::Inconclusive => summary.inconclusive += 1,
                Outcome::Vulnerable => summary.vulnerable += 1,
            }
        }
        summary
    }
}
