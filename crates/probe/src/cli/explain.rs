//! `safeconduct-probe explain`: a threat in words.

use std::process::ExitCode;

use super::{say, width, wrap};
use crate::case::{Head, catalogue};
use crate::ledger::{self, Threat};
use crate::report::group;

/// What `explain` was asked for.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// Id of the threat, or of a case as `threat/case`. See `list`.
    pub id: String,
}

/// Prints the threat.
///
/// # Errors
/// A sentence, with what comes near, if there is no such threat.
pub fn main(args: &ExplainArgs) -> Result<ExitCode, String> {
    let heads: Vec<Head> = catalogue()?.into_iter().map(|case| case.head).collect();
    say(&text(ledger::threats(), &heads, &args.id, width())?);
    Ok(ExitCode::SUCCESS)
}

fn text(threats: &[Threat], heads: &[Head], id: &str, width: usize) -> Result<String, String> {
    let wanted = id.split('/').next().unwrap_or(id);
    let Some(threat) = threats.iter().find(|threat| threat.id == wanted) else {
        return Err(unknown(threats, id));
    };
    let mut text = format!("{}\n{}\n\n", threat.title, "=".repeat(threat.title.chars().count()));
    text += &format!("{} · {}\n", threat.id, group::title(&threat.group));
    if let Some(feature) = &threat.feature {
        text += &format!("Only with the feature {feature}.\n");
    }
    for (title, words) in [("Attack", &threat.attack), ("A safe server", &threat.safe), ("Fix", &threat.fix)] {
        text += &format!("\n{title}\n{}", wrap(words, 2, width));
    }
    if let Some(hint) = &threat.hint {
        text += &format!("\nFor a person to look at\n{}", wrap(hint, 2, width));
    }
    text += "\nSections\n";
    for section in &threat.sections {
        text += &format!("  {section}\n");
    }
    let cases: Vec<&Head> = heads.iter().filter(|head| head.threat == threat.id).collect();
    text += if cases.is_empty() { "\nNo case yet.\n" } else { "\nCases\n" };
    for head in cases {
        let mark = if head.id() == id { ">" } else { " " };
        text += &format!("{mark} {}\n{}", head.name, wrap(&head.title, 4, width));
    }
    Ok(text)
}

/// Says that there is no such threat, and which ids share a word with what was asked for.
fn unknown(threats: &[Threat], id: &str) -> String {
    let words: Vec<&str> = id.split(['-', '/', ' ']).filter(|word| word.len() > 2).collect();
    let shared = |threat: &&Threat| words.iter().filter(|word| threat.id.contains(**word)).count();
    let mut near: Vec<&Threat> = threats.iter().filter(|threat| shared(threat) > 0).collect();
    near.sort_by_key(|threat| std::cmp::Reverse(shared(threat)));
    let near: Vec<&str> = near.iter().take(5).map(|threat| threat.id.as_str()).collect();
    match near.as_slice() {
        [] => format!("no threat is called {id}: see `safeconduct-probe list`"),
        near => format!("no threat is called {id}: did you mean {}?", near.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Phase;
    use crate::report::sample;

    #[test]
    fn explains_a_threat_and_its_cases() {
        let head = Head {
            threat: "code-replay".to_owned(),
            name: "again".to_owned(),
            title: "The same code twice".to_owned(),
            sections: Vec::new(),
            needs: Vec::new(),
            features: Vec::new(),
            phase: Phase::Normal,
        };
        let text = text(&sample::ledger(), &[head], "code-replay/again", 30).expect("known");
        for part in [
            "A redeemed code is redeemed again\n=====",
            "code-replay · Authorization code\n",
            "\nAttack\n  Somebody who saw a code\n  presents it once more.\n",
            "\nFix\n  Mark the code as used in the\n",
            "\n  RFC 6749 section 4.1.2\n",
            "\n> again\n    The same code twice\n",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }

    #[test]
    fn every_threat_can_be_explained() {
        let heads: Vec<Head> = catalogue().expect("case files").into_iter().map(|case| case.head).collect();
        for threat in ledger::threats() {
            let text = text(ledger::threats(), &heads, &threat.id, 80).expect("known");
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        }
    }

    #[test]
    fn an_unknown_id_gets_near_ones() {
        let said = text(&sample::ledger(), &[], "code-reply", 80).expect_err("unknown");
        assert_eq!(said, "no threat is called code-reply: did you mean code-replay?");
        assert!(text(&sample::ledger(), &[], "zz", 80).expect_err("unknown").ends_with("see `safeconduct-probe list`"));
    }
}
