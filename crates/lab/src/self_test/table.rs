//! The kill table.

use std::fmt;

use protocol::threat::Threat;
use serde::Serialize;

use super::{Around, Done};
use crate::straw::weakness;

/// What the self-test shows.
#[derive(Debug, Serialize)]
pub struct KillTable {
    /// Threats that were looked at.
    pub total: usize,
    /// Threats whose weakness the probe found.
    pub killed: usize,
    /// Threats that came out vulnerable without being true: on the clean straw, or beside a weakness.
    pub false_alarms: usize,
    /// Threats that have no weakness, each with the reason in its row.
    pub excepted: usize,
    /// The straw without a weakness.
    pub clean: Clean,
    /// One per threat.
    pub rows: Vec<Row>,
}

/// What the clean straw came to.
#[derive(Debug, Default, Serialize)]
pub struct Clean {
    /// How many threats it resisted.
    pub resisted: usize,
    /// How many do not apply.
    pub not_applicable: usize,
    /// Could not be decided, each with what was missing.
    pub inconclusive: Vec<String>,
    /// False alarms, each with the sentence that decided.
    pub vulnerable: Vec<String>,
    /// Runs that came to nothing.
    pub failed: Vec<String>,
}

/// One threat.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its id.
    pub threat: &'static str,
    /// Whether the probe called the straw with this weakness vulnerable to it.
    pub killed: bool,
    /// Whether there is no such weakness, for the reason that `because` gives.
    pub excepted: bool,
    /// Everything that was vulnerable beside it.
    pub lit: Vec<String>,
    /// What of that is no true consequence.
    pub unexpected: Vec<String>,
    /// Of each of those, the case that decided and its sentence.
    pub alarms: Vec<String>,
    /// The sentence that decided.
    pub because: String,
}

impl KillTable {
    /// Whether every weakness was found, and nothing else.
    pub fn is_good(&self) -> bool {
        self.killed + self.excepted == self.total && self.false_alarms == 0 && self.clean.failed.is_empty()
    }
}

pub(super) fn of(threats: &[Threat], mut done: Done, around: Around) -> KillTable {
    let clean = clean(&done);
    let rows: Vec<Row> = threats.iter().map(|threat| row(threat.id(), &mut done, around)).collect();
    KillTable {
        total: rows.len(),
        killed: rows.iter().filter(|row| row.killed).count(),
        false_alarms: clean.vulnerable.len() + rows.iter().map(|row| row.unexpected.len()).sum::<usize>(),
        excepted: rows.iter().filter(|row| row.excepted).count(),
        clean,
        rows,
    }
}

fn clean(done: &Done) -> Clean {
    let mut clean = Clean::default();
    for report in &done.clean {
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                clean.failed.push(format!("{error:#}"));
                continue;
            }
        };
        for (id, threat) in &report.threats {
            match threat.verdict.as_str() {
                "resisted" => clean.resisted += 1,
                "not-applicable" => clean.not_applicable += 1,
                "vulnerable" => clean.vulnerable.push(format!("{id}/{}", report.because(id))),
                _ => clean.inconclusive.push(format!("{id}/{}", report.because(id))),
            }
        }
    }
    clean
}

fn row(threat: &'static str, done: &mut Done, around: Around) -> Row {
    let nothing = |because: String, excepted| Row {
        threat,
        killed: false,
        excepted,
        lit: Vec::new(),
        unexpected: Vec::new(),
        alarms: Vec::new(),
        because,
    };
    let Some(weak) = weakness::TABLE.iter().find(|row| row.threat == threat) else {
        let reason = weakness::EXCEPTIONS.iter().find(|(id, _)| *id == threat).map(|(_, reason)| *reason);
        return nothing(reason.unwrap_or("no weakness has been written for it").to_owned(), reason.is_some());
    };
    let report = match done.weak.remove(threat) {
        Some(Ok(report)) => report,
        Some(Err(error)) => return nothing(format!("{error:#}"), false),
        None => return nothing("it was not run".to_owned(), false),
    };
    let lit: Vec<String> = report.vulnerable().filter(|id| *id != threat).map(str::to_owned).collect();
    let is_true = |id: &String| weak.also.iter().any(|(also, _)| also == id);
    let unexpected = match around {
        Around::Nothing => Vec::new(),
        Around::Everything | Around::Quick => lit.iter().filter(|id| !is_true(id)).cloned().collect(),
    };
    let alarms = unexpected.iter().map(|id| format!("{id}/{}", report.because(id))).collect();
    let killed = report.verdict(threat) == "vulnerable";
    let because =
        if killed { report.because(threat) } else { format!("{}: {}", report.verdict(threat), report.because(threat)) };
    Row { threat, killed, excepted: false, lit, unexpected, alarms, because }
}

impl fmt::Display for KillTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.threat.len()).max().unwrap_or_default();
        for row in &self.rows {
            let word = if row.killed {
                "killed"
            } else if row.excepted {
                "excepted"
            } else {
                "MISSED"
            };
            writeln!(f, "{word:<9} {:<width$}  {}", row.threat, row.because)?;
            let consequences: Vec<&str> =
                row.lit.iter().filter(|id| !row.unexpected.contains(id)).map(String::as_str).collect();
            if !consequences.is_empty() {
                writeln!(f, "{:<9} {:<width$}  true consequences: {}", "", "", consequences.join(", "))?;
            }
            for alarm in &row.alarms {
                writeln!(f, "{:<9} {:<width$}  FALSE ALARM: {alarm}", "", "")?;
            }
        }
        let Clean { resisted, not_applicable, inconclusive, vulnerable, failed } = &self.clean;
        for (word, lines) in [("FALSE ALARM", vulnerable), ("inconclusive", inconclusive), ("FAILED", failed)] {
            lines.iter().try_for_each(|line| writeln!(f, "clean straw: {word}: {line}"))?;
        }
        writeln!(
            f,
            "clean straw: {resisted} resisted, {} vulnerable, {not_applicable} not applicable, {} inconclusive",
            vulnerable.len(),
            inconclusive.len()
        )?;
        write!(
            f,
            "{} of {} killed, {} excepted, {} false alarms",
            self.killed, self.total, self.excepted, self.false_alarms
        )
    }
}
