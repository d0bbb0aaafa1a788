//! `docs/threats/`: a page per group, made from the threats and cases so that it cannot say anything else.

use std::collections::BTreeMap;

use super::Threat;
use crate::case::Head;
use crate::report::{group, section};

const HEAD: &str = "\
# Threats, one by one

What each threat of the ledger is, what a safe server answers, what to do where a server is vulnerable, and with which cases
the probe looks for it. `safeconduct-probe explain ID` says the same on the terminal. How Safeconduct itself defends is in
[THREATS.md](../../THREATS.md); what a verdict means, in [The probe](../probe.md).

Made from `crates/probe/cases/`. Edit the files there, then run `UPDATE_DOCS=1 cargo test -p safeconduct-probe threat_pages`.
";

/// All pages: name of the file and its text.
#[must_use]
pub fn pages(threats: &[Threat], heads: &[Head]) -> BTreeMap<String, String> {
    let mut groups: BTreeMap<(usize, &str), Vec<&Threat>> = BTreeMap::new();
    for threat in threats {
        groups.entry((group::rank(&threat.group), &threat.group)).or_default().push(threat);
    }
    let mut index = HEAD.to_owned();
    let mut pages = BTreeMap::new();
    for ((_, group), threats) in groups {
        index += &format!("\n## [{}]({group}.md)\n\n", group::title(group));
        for threat in &threats {
            index += &format!("- [{}]({group}.md#{})\n", threat.title, threat.id);
        }
        pages.insert(format!("{group}.md"), page(group, &threats, heads));
    }
    pages.insert("README.md".to_owned(), index);
    pages
}

fn page(group: &str, threats: &[&Threat], heads: &[Head]) -> String {
    let mut page = format!("# {}\n\n[All groups](README.md)\n", group::title(group));
    for threat in threats {
        page += &format!("\n<a id=\"{}\"></a>\n\n## {}\n\n`{}`", threat.id, threat.title, threat.id);
        if let Some(feature) = &threat.feature {
            page += &format!(", only with the feature `{feature}`");
        }
        page += ". ";
        let links: Vec<_> = section::links(&threat.sections).iter().map(section::Link::markdown).collect();
        page += &format!("{}.\n", links.join(", "));
        for (title, words) in [("Attack", &threat.attack), ("A safe server", &threat.safe), ("Fix", &threat.fix)] {
            page += &format!("\n**{title}.** {}\n", one_line(words));
        }
        if let Some(hint) = &threat.hint {
            page += &format!("\n**For a person to look at.** {}\n", one_line(hint));
        }
        let cases: Vec<&Head> = heads.iter().filter(|head| head.threat == threat.id).collect();
        page += if cases.is_empty() { "\nNo case yet.\n" } else { "\nCases:\n\n" };
        for case in cases {
            page += &format!("- `{}`: {}\n", case.name, case.title);
        }
    }
    page
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::case::catalogue;

    fn all() -> BTreeMap<String, String> {
        let heads: Vec<Head> = catalogue().expect("case files").into_iter().map(|case| case.head).collect();
        pages(crate::ledger::threats(), &heads)
    }

    #[test]
    fn threat_pages_are_up_to_date() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/threats");
        let pages = all();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).expect("docs can be written");
            for (name, text) in &pages {
                fs::write(folder.join(name), text).expect("docs can be written");
            }
        }
        let stale = "docs/threats is stale: run UPDATE_DOCS=1 cargo test -p safeconduct-probe threat_pages";
        let stored =
            fs::read_dir(&folder).map(|files| files.flatten().map(|file| file.file_name()).collect::<BTreeSet<_>>());
        assert_eq!(stored.unwrap_or_default(), pages.keys().map(Into::into).collect(), "{stale}");
        for (name, text) in &pages {
            assert!(fs::read_to_string(folder.join(name)).unwrap_or_default() == *text, "{name}: {stale}");
        }
    }

    #[test]
    fn every_threat_has_a_place_and_a_link_to_it() {
        let pages = all();
        for threat in crate::ledger::threats() {
            let page = &pages[&format!("{}.md", threat.group)];
            assert_eq!(page.matches(&format!("<a id=\"{}\"></a>", threat.id)).count(), 1, "{}", threat.id);
            assert!(pages["README.md"].contains(&format!("({}.md#{})", threat.group, threat.id)), "{}", threat.id);
        }
    }
}
