//! JUnit XML, for test runners: a suite per group, a test per case.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::group;
use super::visible::plain;
use crate::verdict::{CaseResult, Outcome, Report, ThreatResult};

/// Renders the report. Vulnerable is a failure, inconclusive an error, not applicable is skipped.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut groups: BTreeMap<(usize, &str), Vec<(&str, &ThreatResult)>> = BTreeMap::new();
    for (id, threat) in &report.threats {
        groups.entry((group::rank(&threat.group), &threat.group)).or_default().push((id, threat));
    }
    let all: Vec<&CaseResult> = report.threats.values().flat_map(|threat| &threat.cases).collect();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text += &format!(
        "<testsuites name=\"{}\" {}>\n",
        attribute(&format!("Safeconduct probe: {}", report.target)),
        counts(&all)
    );
    for ((_, group), threats) in groups {
        let cases: Vec<&CaseResult> = threats.iter().flat_map(|(_, threat)| &threat.cases).collect();
        text += &format!("  <testsuite name=\"{}\" {}>\n", attribute(group), counts(&cases));
        for (id, threat) in threats {
            for case in &threat.cases {
                test(&mut text, id, threat, case);
            }
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

fn counts(cases: &[&CaseResult]) -> String {
    let count = |outcome| cases.iter().filter(|case| case.verdict == outcome).count();
    let time: u64 = cases.iter().map(|case| case.millis).sum();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
        cases.len(),
        count(Outcome::Vulnerable),
        count(Outcome::Inconclusive),
        count(Outcome::NotApplicable),
        seconds(time),
    )
}

fn test(text: &mut String, id: &str, threat: &ThreatResult, case: &CaseResult) {
    let because = attribute(&case.because);
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
        attribute(id),
        attribute(&format!("{}: {}", case.name, case.title)),
        seconds(case.millis)
    );
    let sections = attribute(&case.sections.join(", "));
    *text += &match case.verdict {
        Outcome::Vulnerable => format!(
            ">\n      <failure type=\"vulnerable\" message=\"{because}\">{}: {because} ({sections}). See report.html#{}.</failure>\n    </testcase>\n",
            attribute(&threat.title),
            attribute(id)
        ),
        Outcome::Inconclusive => {
            format!(">\n      <error type=\"inconclusive\" message=\"{because}\"/>\n    </testcase>\n")
        }
        Outcome::NotApplicable => format!(">\n      <skipped message=\"{because}\"/>\n    </testcase>\n"),
        Outcome::Resisted => "/>\n".to_owned(),
    };
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// A text for XML, in an attribute or between tags. Most control characters are not allowed there even as references, so they
/// are written out; noncharacters too.
fn attribute(text: &str) -> String {
    plain(text).chars().fold(String::new(), |mut safe, letter| {
        match letter {
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '&' => safe += "&amp;",
            '"' => safe += "&quot;",
            '\'' => safe += "&apos;",
            '\n' => safe += "&#10;",
            '\t' => safe += "&#9;",
            '\u{fffe}' | '\u{ffff}' => safe += "U+FFFE",
            _ => safe.push(letter),
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn counts_by_group_and_says_why() {
        let text = render(&sample::report());
        assert!(text.contains("<testsuites name=\"Safeconduct probe: sample server\" tests=\"9\" failures=\"2\" errors=\"2\" skipped=\"1\" time=\"11.106\">"), "{text}");
        assert!(text.contains("<testsuite name=\"authorization-code\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"3.702\">"), "{text}");
        assert!(
            text.contains("<testcase classname=\"code-replay\" name=\"race: The case race\" time=\"1.234\"/>"),
            "{text}"
        );
        assert!(text.contains("<failure type=\"vulnerable\" message=\"the server gave tokens for a code that had been redeemed\">A redeemed code is redeemed again: "));
        assert!(text.contains("<skipped message=\"the server answers the device authorization request with 404\"/>"));
        assert!(
            text.contains(
                "<error type=\"inconclusive\" message=\"the control failed: the honest refresh was refused\"/>"
            )
        );
        assert_eq!(text.matches("<testsuite ").count(), text.matches("</testsuite>").count());
        assert_eq!(
            text.matches("<testcase ").count(),
            text.matches("</testcase>").count() + text.matches("time=\"1.234\"/>").count()
        );
    }

    #[test]
    fn holds_only_what_xml_allows() {
        let text = render(&sample::report());
        assert!(!text.contains("<script") && !text.contains("<img") && !text.contains("]]>") && !text.contains("<!--"));
        assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "no control characters");
        assert!(text.contains("U+202E") && text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        let references = text.split('&').skip(1).all(|rest| {
            ["lt;", "gt;", "amp;", "quot;", "apos;", "#10;", "#9;"].iter().any(|known| rest.starts_with(known))
        });
        assert!(references, "every ampersand begins a reference");
    }
}
