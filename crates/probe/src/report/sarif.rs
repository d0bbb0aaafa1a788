//! SARIF 2.1.0, for code scanners: a rule per threat, a result per case that got through or could not be decided.
//!
//! The findings are about a running server, not about a line of code: each names the endpoint as its logical location, and the
//! target file as the artifact, because viewers show nothing without one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::visible::plain;
use super::{group, section};
use crate::exchange::Exchange;
use crate::ledger::Threat;
use crate::verdict::{CaseResult, Outcome, Report, ThreatResult};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Renders the report. `file` is the path of the target file as a reader of the results knows it: relative to the repository's root.
#[must_use]
pub fn render(report: &Report, ledger: &[Threat], file: &str) -> Value {
    let index: BTreeMap<&str, usize> = report.threats.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let rules =
        report.threats.iter().map(|(id, result)| rule(id, result, ledger.iter().find(|threat| threat.id == *id)));
    let results = report.threats.iter().flat_map(|(id, threat)| {
        let cases = threat.cases.iter().filter(|case| level(case.verdict).is_some());
        cases.map(|case| result(report, id, index[id.as_str()], case, file))
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Safeconduct probe",
                "semanticVersion": report.probe,
                "rules": rules.collect::<Vec<_>>(),
            }},
            "invocations": [{ "executionSuccessful": report.complete, "startTimeUtc": moment(report.started, 0), "endTimeUtc": moment(report.started, report.millis) }],
            "automationDetails": { "id": format!("safeconduct-probe/{}/", plain(&report.target)) },
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

/// What weighs as what. None: not shown, since a scanner shows what somebody has to look at.
const fn level(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Vulnerable => Some("error"),
        Outcome::Inconclusive => Some("note"),
        Outcome::Resisted | Outcome::NotApplicable => None,
    }
}

fn rule(id: &str, result: &ThreatResult, threat: Option<&Threat>) -> Value {
    let title = format!("{}.", plain(&result.title));
    let mut rule = json!({
        "id": id,
        "name": name(id),
        "shortDescription": { "text": title },
        "defaultConfiguration": { "level": "error" },
        "properties": { "tags": ["security", "oauth", plain(&result.group)] },
    });
    if let Some(threat) = threat {
        let (attack, safe, fix) = (threat.attack.trim(), threat.safe.trim(), threat.fix.trim());
        rule["fullDescription"] = json!({ "text": attack });
        let links: Vec<_> = section::links(&threat.sections).iter().map(section::Link::markdown).collect();
        rule["help"] = json!({
            "text": format!("Attack: {attack}\n\nA safe server: {safe}\n\nFix: {fix}\n\nSee {}.", threat.sections.join(", ")),
            "markdown": format!("**Attack.** {attack}\n\n**A safe server.** {safe}\n\n**Fix.** {fix}\n\nSee {}.", links.join(", ")),
        });
        if let Some(address) = threat.sections.iter().find_map(|text| section::address(text)) {
            rule["helpUri"] = json!(address);
        }
    }
    rule
}

/// `code-replay` as `CodeReplay`, as names of rules are written.
fn name(id: &str) -> String {
    id.split('-').filter(|word| !word.is_empty()).map(group::title).collect()
}

fn result(report: &Report, id: &str, index: usize, case: &CaseResult, file: &str) -> Value {
    // What decided comes last.
    let last = case.evidence.iter().rev().find(|exchange| !exchange.request.is_empty());
    let endpoint = last.map_or_else(|| plain(&report.issuer), |exchange| endpoint(&report.issuer, exchange));
    json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": level(case.verdict).unwrap_or("none"),
        "message": { "text": format!("{}: {}", plain(&case.title), plain(&case.because)) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": uri(file) } },
            "logicalLocations": [{ "fullyQualifiedName": endpoint, "kind": "endpoint" }],
        }],
        "partialFingerprints": { "case/v1": format!("{id}/{}", plain(&case.name)) },
        "properties": { "verdict": case.verdict.word(), "case": plain(&case.name), "sections": case.sections.iter().map(|text| plain(text)).collect::<Vec<_>>() },
    })
}

/// Where a request went, without its query: from its first line and its Host header.
fn endpoint(issuer: &str, exchange: &Exchange) -> String {
    let mut lines = exchange.request.lines();
    let target = lines.next().and_then(|line| line.split_whitespace().nth(1)).unwrap_or_default();
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let host = lines
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("host")));
    let scheme = issuer.split("://").next().unwrap_or("https");
    plain(&match host {
        Some((_, host)) if path.starts_with('/') => format!("{scheme}://{}{path}", host.trim()),
        _ if path.contains("://") => path.to_owned(),
        _ => issuer.to_owned(),
    })
}

/// A path as a relative reference: separators are slashes, all else that is not plain is percent-encoded.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.bytes().fold(String::new(), |uri, byte| match byte {
        b'/' | b'.' | b'-' | b'_' | b'~' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
            uri + char::from(byte).encode_utf8(&mut [0; 4])
        }
        b'\\' => uri + "/",
        _ => uri + &format!("%{byte:02X}"),
    })
}

fn moment(seconds: u64, millis: u64) -> String {
    let millis = i64::try_from(seconds.saturating_mul(1000).saturating_add(millis)).unwrap_or_default();
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{self, HOSTILE};

    fn run() -> Value {
        let mut log = render(&sample::report(), &sample::ledger(), "./probe/my target.toml");
        assert_eq!((&log["version"], &log["$schema"]), (&json!("2.1.0"), &json!(SCHEMA)));
        log["runs"][0].take()
    }

    #[test]
    fn has_a_rule_per_threat_and_a_result_per_open_case() {
        let run = run();
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), 8);
        let rule = rules.iter().find(|rule| rule["id"] == "code-replay").expect("the rule");
        assert_eq!(rule["name"], "CodeReplay");
        assert!(rule["help"]["text"].as_str().is_some_and(|help| help.contains("Fix: Mark the code as used")));
        assert!(
            rule["help"]["markdown"]
                .as_str()
                .is_some_and(|help| help.contains("(https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)"))
        );
        let results = run["results"].as_array().expect("results");
        let levels: Vec<_> =
            results.iter().map(|result| (result["properties"]["case"].as_str(), result["level"].as_str())).collect();
        assert_eq!(
            levels,
            [
                (Some("again"), Some("error")),
                (Some("hostile"), Some("note")),
                (Some("old-one"), Some("note")),
                (Some("query"), Some("error"))
            ]
        );
    }

    /// The required members of the objects that are used, and the references between them, as the schema has them.
    #[test]
    fn keeps_to_the_schema() {
        let run = run();
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        for rule in rules {
            assert!(rule["id"].is_string() && rule["shortDescription"]["text"].is_string(), "{rule}");
        }
        assert!(run["invocations"][0]["executionSuccessful"].is_boolean());
        assert_eq!(run["invocations"][0]["startTimeUtc"], "2026-09-21T14:13:20Z");
        for result in run["results"].as_array().expect("results") {
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
            assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "probe/my%20target.toml");
            assert!(result["partialFingerprints"]["case/v1"].is_string());
        }
    }

    #[test]
    fn names_the_endpoint_without_its_query() {
        let run = run();
        assert_eq!(
            run["results"][0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            "http://127.0.0.1:8080/token"
        );
        let to = |request: &str| {
            endpoint("https://as.example", &Exchange { request: request.to_owned(), ..Exchange::default() })
        };
        assert_eq!(to("GET https://other.example/a?b#c HTTP/1.1\r\n\r\n"), "https://other.example/a");
        assert_eq!(to("nonsense"), "https://as.example");
        assert!(!to(&format!("GET /{HOSTILE} HTTP/1.1\r\nHost: x\u{202e}y\r\n\r\n")).contains('\u{202e}'));
    }
}
