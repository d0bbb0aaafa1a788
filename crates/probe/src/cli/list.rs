//! `safeconduct-probe list`: every threat, its cases, and what each needs.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::say;
use crate::case::{Head, Phase, catalogue};
use crate::ledger::{self, Threat};
use crate::report::group;

/// What `list` was asked for.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// For programs.
    #[arg(long)]
    pub json: bool,
}

/// Prints the list.
///
/// # Errors
/// A case file that cannot be read.
pub fn main(args: &ListArgs) -> Result<ExitCode, String> {
    let heads: Vec<Head> = catalogue()?.into_iter().map(|case| case.head).collect();
    let text =
        if args.json { format!("{:#}\n", value(ledger::threats(), &heads)) } else { text(ledger::threats(), &heads) };
    say(&text);
    Ok(ExitCode::SUCCESS)
}

fn text(threats: &[Threat], heads: &[Head]) -> String {
    let mut sorted: Vec<&Threat> = threats.iter().collect();
    sorted.sort_by_key(|threat| (group::rank(&threat.group), &threat.group, &threat.id));
    let (mut text, mut group) = (String::new(), "");
    for threat in &sorted {
        if threat.group != group {
            group = &threat.group;
            text += &format!("{}{} ({group})\n", if text.is_empty() { "" } else { "\n" }, group::title(group));
        }
        text += &format!("\n  {}: {}\n", threat.id, threat.title);
        let cases: Vec<&Head> = heads.iter().filter(|head| head.threat == threat.id).collect();
        let width = cases.iter().map(|head| head.name.len()).max().unwrap_or_default();
        for head in &cases {
            text += &format!("    {:width$}  {}{}\n", head.name, head.title, needs(head));
        }
        if cases.is_empty() {
            text += "    (no case yet)\n";
        }
    }
    let covered = sorted.iter().filter(|threat| heads.iter().any(|head| head.threat == threat.id)).count();
    text + &format!("\n{} cases for {covered} of {} threats.\n", heads.len(), sorted.len())
}

/// What a case needs, in brackets: roles of the target file, features, and when it runs.
fn needs(head: &Head) -> String {
    let phase = match head.phase {
        Phase::Normal => None,
        Phase::Slow => Some("slow: waits for an expiry"),
        Phase::Noisy => Some("noisy: runs alone"),
    };
    let parts: Vec<&str> = head.needs.iter().chain(&head.features).map(String::as_str).chain(phase).collect();
    if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join(", ")) }
}

fn value(threats: &[Threat], heads: &[Head]) -> Value {
    let case = |head: &Head| {
        let phase = match head.phase {
            Phase::Normal => "normal",
            Phase::Slow => "slow",
            Phase::Noisy => "noisy",
        };
        json!({ "name": head.name, "title": head.title, "sections": head.sections, "needs": head.needs, "features": head.features, "phase": phase })
    };
    let threat = |threat: &Threat| {
        json!({
            "id": threat.id,
            "title": threat.title,
            "group": threat.group,
            "sections": threat.sections,
            "feature": threat.feature,
            "cases": heads.iter().filter(|head| head.threat == threat.id).map(case).collect::<Vec<_>>(),
        })
    };
    json!({ "threats": threats.iter().map(threat).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn head(name: &str, needs: &[&str], phase: Phase) -> Head {
        Head {
            threat: "code-replay".to_owned(),
            name: name.to_owned(),
            title: format!("The case {name}"),
            sections: Vec::new(),
            needs: needs.iter().map(ToString::to_string).collect(),
            features: vec!["refresh".to_owned()],
            phase,
        }
    }

    #[test]
    fn lists_cases_with_what_they_need() {
        let heads = [head("again", &["user", "web"], Phase::Normal), head("flood-of-them", &[], Phase::Noisy)];
        let expected = "Authorization code (authorization-code)

  code-replay: A redeemed code is redeemed again
    again          The case again [user, web, refresh]
    flood-of-them  The case flood-of-them [refresh, noisy: runs alone]

2 cases for 1 of 1 threats.
";
        assert_eq!(text(&sample::ledger(), &heads), expected);
        assert!(text(&sample::ledger(), &[]).contains("    (no case yet)\n\n0 cases for 0 of 1 threats.\n"));
    }

    #[test]
    fn tells_programs_the_same() {
        let all = value(&sample::ledger(), &[head("again", &["user"], Phase::Slow)]);
        assert_eq!(all["threats"][0]["id"], "code-replay");
        assert_eq!(
            all["threats"][0]["cases"][0],
            json!({ "name": "again", "title": "The case again", "sections": [], "needs": ["user"], "features": ["refresh"], "phase": "slow" })
        );
    }
}
