//! A run for tests: every outcome, and a server that puts into its answers what would hurt a careless report.

use std::collections::BTreeMap;

use crate::exchange::Exchange;
use crate::ledger::Threat;
use crate::verdict::{CaseResult, Outcome, Report, ThreatResult};

/// What a hostile server would like a reader's browser to run or to show.
pub(crate) const HOSTILE: &str = "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)> \
    moc.elpmaxe\u{202e}//:sptth \u{0}\u{1b}[31m\u{fffd}\u{200b} {{ 7*7 }} ]]> <!-- &amp; javascript:alert(4)";

/// Eight threats of six groups.
pub(crate) fn report() -> Report {
    use Outcome::{Inconclusive, NotApplicable, Resisted, Vulnerable};
    let threats: BTreeMap<String, ThreatResult> = [
        (
            "code-replay",
            "A redeemed code is redeemed again",
            "authorization-code",
            vec![case("again", Vulnerable), case("race", Resisted)],
        ),
        (
            "code-injection",
            "A stolen code is put into another session",
            "authorization-code",
            vec![case("no-verifier", Resisted)],
        ),
        (
            "as-open-redirector",
            "The server sends people anywhere",
            "authorization-endpoint",
            vec![case("unknown-client", Resisted)],
        ),
        ("login-csrf", "Somebody is signed in as the attacker", "authorization-endpoint", vec![hostile()]),
        (
            "refresh-replay",
            "An old refresh token works again",
            "refresh",
            vec![case("old-one", Inconclusive), case("race", Resisted)],
        ),
        (
            "device-phishing",
            "A person is led to approve a foreign device",
            "device-flow",
            vec![case("code-in-link", NotApplicable)],
        ),
        ("token-in-query", "A token in the address is accepted", "resource-access", vec![case("query", Vulnerable)]),
        ("new-threat", "Of a later ledger", "later-group", vec![]),
    ]
    .map(|(id, title, group, cases)| (id.to_owned(), threat(title, group, cases)))
    .into();
    Report {
        schema: Report::SCHEMA,
        probe: "0.1.0".to_owned(),
        issuer: "http://127.0.0.1:8080".to_owned(),
        target: "sample server".to_owned(),
        started: 1_790_000_000,
        millis: 83_400,
        complete: true,
        summary: Report::summarise(&threats),
        threats,
    }
}

/// The words of one threat of the report.
pub(crate) fn ledger() -> Vec<Threat> {
    vec![Threat {
        id: "code-replay".to_owned(),
        title: "A redeemed code is redeemed again".to_owned(),
        group: "authorization-code".to_owned(),
        sections: vec!["RFC 6749 section 4.1.2".to_owned(), "OpenID Connect Core 1.0 section 3.1.3.2".to_owned()],
        attack: "Somebody who saw a code presents it once more.".to_owned(),
        safe: "The second time gets invalid_grant.".to_owned(),
        fix: "Mark the code as used in the step that checks it.".to_owned(),
        hint: None,
        feature: None,
    }]
}

fn threat(title: &str, group: &str, cases: Vec<CaseResult>) -> ThreatResult {
    let verdict = ThreatResult::sum(&cases);
    ThreatResult { title: title.to_owned(), group: group.to_owned(), verdict, hint: None, cases }
}

/// A case with an ordinary exchange.
pub(crate) fn case(name: &str, verdict: Outcome) -> CaseResult {
    let because = match verdict {
        Outcome::Vulnerable => "the server gave tokens for a code that had been redeemed",
        Outcome::Inconclusive => "the control failed: the honest refresh was refused",
        Outcome::Resisted => "the second redemption got invalid_grant",
        Outcome::NotApplicable => "the server answers the device authorization request with 404",
    };
    CaseResult {
        name: name.to_owned(),
        title: format!("The case {name}"),
        verdict,
        because: because.to_owned(),
        sections: vec!["RFC 6749 section 4.1.2".to_owned()],
        evidence: vec![Exchange {
            what: "token request".to_owned(),
            request: "POST /token?trace=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\ngrant_type=authorization_code&code=[code 1]".to_owned(),
            response: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"access_token\":\"[access token 1]\"}".to_owned(),
            failure: None,
            millis: 12,
        }],
        millis: 1_234,
    }
}

/// A case of a server that attacks the reader of the report.
fn hostile() -> CaseResult {
    let mut case = case("hostile", Outcome::Inconclusive);
    case.because = format!("the sign-in page said: {HOSTILE}");
    case.title = HOSTILE.to_owned();
    case.sections = vec![HOSTILE.to_owned()];
    case.evidence = vec![Exchange {
        what: HOSTILE.to_owned(),
        request: format!("GET /{HOSTILE} HTTP/1.1\r\nX: {HOSTILE}\r\n\r\n{HOSTILE}"),
        response: format!("HTTP/1.1 200 {HOSTILE}\r\nX: {HOSTILE}\r\n\r\n{HOSTILE}\n{}", "long ".repeat(5_000)),
        failure: Some(HOSTILE.to_owned()),
        millis: 7,
    }];
    case
}
