//! `/THREATS.md`, made from the rows so that it cannot say anything else.

use super::{Group, Threat};

const HEAD: &str = "\
# Threats

What is known to go wrong with OAuth 2.x and OpenID Connect, and what a server that resists does. Where this code
defends against a threat, the same id stands beside the line that does so, and in the name of the test that fails
without that line. A star after an id marks a threat that only tests inside a server can judge; all others can be
tested over HTTP.

Three sources have short names. The native apps talk: Securing OAuth 2.0 for Native Apps, Jonathon Brookfield and
Fraser Winterborn, BSides Manchester 2018. The mobile attestation article: Mobile API Security Techniques, Part 3. The
cheat sheet: public notes on OAuth 2.0 flows, on choosing a grant, and on common vulnerabilities and their fixes.

Made from `crates/protocol/src/threat/`. Edit the rows there, then run
`UPDATE_DOCS=1 cargo test -p safeconduct-protocol threats_md`.
";

/// The whole text of `/THREATS.md`: one table per group, one line per threat.
pub fn threats_markdown() -> String {
    let mut page = HEAD.to_owned();
    for &group in Group::ALL {
        page += &format!("\n## {}\n\n", group.title());
        page += "| Threat | What the attacker does | What a safe server does | Source |\n| --- | --- | --- | --- |\n";
        for &threat in Threat::ALL.iter().filter(|threat| threat.group() == group) {
            page += &line(threat);
        }
    }
    page
}

fn line(threat: Threat) -> String {
    let star = if threat.seen_from_outside() { "" } else { " \\*" };
    format!("| `{}`{star} | {} | {} | {} |\n", threat.id(), threat.sentence(), threat.safe(), threat.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threats_md_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../THREATS.md");
        let page = threats_markdown();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap_or_else(|error| panic!("cannot write {path}: {error}"));
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(stored == page, "THREATS.md is stale: run UPDATE_DOCS=1 cargo test -p safeconduct-protocol threats_md");
    }

    #[test]
    fn every_threat_has_a_line() {
        let page = threats_markdown();
        for threat in Threat::ALL {
            assert_eq!(page.matches(&format!("\n| `{}`", threat.id())).count(), 1);
        }
    }
}
