//! Two runs side by side: what has become worse, what was fixed, what else is different.

use std::collections::BTreeSet;

use crate::verdict::{CaseResult, Outcome, Report};

/// What became of a case from the first report to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It got through in the second report, and not in the first, or was not tried there.
    NewlyVulnerable,
    /// It was resisted, and now nobody can tell. Never to be taken for resisted, so this is worse, too.
    NoLongerShown,
    /// It got through, and is now resisted or does not apply.
    Fixed,
    /// Anything else that differs.
    Other,
}

impl Kind {
    const ALL: [Self; 4] = [Self::NewlyVulnerable, Self::NoLongerShown, Self::Fixed, Self::Other];

    /// Whether a change of this kind fails a build.
    #[must_use]
    pub const fn is_worse(self) -> bool {
        matches!(self, Self::NewlyVulnerable | Self::NoLongerShown)
    }

    const fn title(self) -> &'static str {
        match self {
            Self::NewlyVulnerable => "Newly vulnerable",
            Self::NoLongerShown => "No longer shown to be resisted",
            Self::Fixed => "Fixed",
            Self::Other => "Other changes",
        }
    }

    fn of(before: Option<Outcome>, after: Option<Outcome>) -> Self {
        use Outcome::{Inconclusive, NotApplicable, Resisted, Vulnerable};
        match (before, after) {
            (_, Some(Vulnerable)) => Self::NewlyVulnerable,
            (Some(Resisted), Some(Inconclusive)) => Self::NoLongerShown,
            (Some(Vulnerable), Some(Resisted | NotApplicable)) => Self::Fixed,
            _ => Self::Other,
        }
    }
}

/// A case that came to something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of change.
    pub kind: Kind,
    /// `threat/case`.
    pub id: String,
    /// What it came to in the first report; None if it was not run.
    pub before: Option<Outcome>,
    /// What it came to in the second.
    pub after: Option<Outcome>,
    /// The sentence that decided, of the report that has one, the second first.
    pub because: String,
}

/// The differences between two reports, the worst first.
#[must_use]
pub fn changes(before: &Report, after: &Report) -> Vec<Change> {
    let ids: BTreeSet<(&str, &str)> =
        cases(before).chain(cases(after)).map(|(threat, case)| (threat, case.name.as_str())).collect();
    let mut changes: Vec<Change> = ids
        .into_iter()
        .filter_map(|(threat, name)| {
            let (old, new) = (find(before, threat, name), find(after, threat, name));
            let outcome = |case: Option<&CaseResult>| case.map(|case| case.verdict);
            let (id, because) =
                (format!("{threat}/{name}"), new.or(old).map(|case| case.because.clone()).unwrap_or_default());
            let (before, after) = (outcome(old), outcome(new));
            (before != after).then(|| Change { kind: Kind::of(before, after), id, before, after, because })
        })
        .collect();
    changes.sort_by_key(|change| change.kind);
    changes
}

fn cases(report: &Report) -> impl Iterator<Item = (&str, &CaseResult)> {
    report.threats.iter().flat_map(|(id, threat)| threat.cases.iter().map(move |case| (id.as_str(), case)))
}

fn find<'a>(report: &'a Report, threat: &str, name: &str) -> Option<&'a CaseResult> {
    report.threats.get(threat)?.cases.iter().find(|case| case.name == name)
}

/// The differences in words, for a terminal.
#[must_use]
pub fn text(before: &Report, after: &Report, changes: &[Change]) -> String {
    let plain = super::visible::plain;
    let mut text = format!("from  {}\nto    {}\n", line(before), line(after));
    if before.issuer != after.issuer {
        text += "These are reports about two different issuers.\n";
    }
    for (report, which) in [(before, "first"), (after, "second")] {
        if !report.complete {
            text += &format!("The {which} run was interrupted: what it did not reach counts as not run.\n");
        }
    }
    for kind in Kind::ALL {
        let of_kind: Vec<_> = changes.iter().filter(|change| change.kind == kind).collect();
        if !of_kind.is_empty() {
            text += &format!("\n{} ({})\n", kind.title(), of_kind.len());
        }
        for change in of_kind {
            let word = |outcome: Option<Outcome>| outcome.map_or("not run", Outcome::word);
            text += &format!(
                "  {}: {} -> {}\n      {}\n",
                plain(&change.id),
                word(change.before),
                word(change.after),
                plain(&change.because)
            );
        }
    }
    if changes.is_empty() {
        text += "\nNo case came to anything else.\n";
    }
    text
}

fn line(report: &Report) -> String {
    let counts = report.summary;
    format!(
        "{} ({}): {} resisted, {} vulnerable, {} not applicable, {} inconclusive",
        super::visible::plain(&report.target),
        jiff::Timestamp::from_second(i64::try_from(report.started).unwrap_or_default()).unwrap_or_default(),
        counts.resisted,
        counts.vulnerable,
        counts.not_applicable,
        counts.inconclusive,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn set(report: &mut Report, threat: &str, case: usize, verdict: Outcome) {
        report.threats.get_mut(threat).expect("in the sample").cases[case].verdict = verdict;
    }

    #[test]
    fn sorts_changes_by_what_they_mean() {
        let (before, mut after) = (sample::report(), sample::report());
        assert_eq!(changes(&before, &after), []);
        assert!(text(&before, &after, &[]).ends_with("No case came to anything else.\n"));
        set(&mut after, "code-replay", 0, Outcome::Resisted);
        set(&mut after, "code-injection", 0, Outcome::Vulnerable);
        set(&mut after, "as-open-redirector", 0, Outcome::Inconclusive);
        set(&mut after, "refresh-replay", 0, Outcome::Resisted);
        set(&mut after, "token-in-query", 0, Outcome::Inconclusive);
        after
            .threats
            .get_mut("login-csrf")
            .expect("in the sample")
            .cases
            .push(sample::case("new-one", Outcome::Vulnerable));
        after.threats.remove("device-phishing");
        let found = changes(&before, &after);
        let kinds: Vec<_> = found.iter().map(|change| (change.kind, change.id.as_str())).collect();
        let expected = [
            (Kind::NewlyVulnerable, "code-injection/no-verifier"),
            (Kind::NewlyVulnerable, "login-csrf/new-one"),
            (Kind::NoLongerShown, "as-open-redirector/unknown-client"),
            (Kind::Fixed, "code-replay/again"),
            (Kind::Other, "device-phishing/code-in-link"),
            (Kind::Other, "refresh-replay/old-one"),
            (Kind::Other, "token-in-query/query"),
        ];
        assert_eq!(kinds, expected);
        after.complete = false;
        let text = text(&before, &after, &found);
        assert!(
            text.contains("Newly vulnerable (2)\n  code-injection/no-verifier: resisted -> vulnerable\n"),
            "{text}"
        );
        assert!(
            text.contains("login-csrf/new-one: not run -> vulnerable")
                && text.contains("The second run was interrupted"),
            "{text}"
        );
    }

    #[test]
    fn a_hidden_character_cannot_change_what_a_terminal_shows() {
        let (before, mut after) = (sample::report(), sample::report());
        set(&mut after, "login-csrf", 0, Outcome::Vulnerable);
        let text = text(&before, &after, &changes(&before, &after));
        assert!(text.contains("U+001B[31m") && !text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
}
