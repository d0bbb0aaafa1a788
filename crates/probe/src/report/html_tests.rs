use scraper::{Html, Selector};

use super::*;
use crate::report::sample::{self, HOSTILE};

fn page() -> String {
    render(&sample::report(), &sample::ledger()).expect("rendered")
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    Html::parse_document(page).select(&selector).map(|found| found.text().collect()).collect()
}

fn count(page: &str, selector: &str) -> usize {
    texts(page, selector).len()
}

#[test]
fn a_hostile_answer_stays_text() {
    let mut report = sample::report();
    for field in [&mut report.target, &mut report.issuer, &mut report.probe] {
        *field = HOSTILE.to_owned();
    }
    let mut foreign = report.threats["code-replay"].clone();
    (foreign.title, foreign.group, foreign.hint) = (HOSTILE.to_owned(), HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
    foreign.cases[0].name = HOSTILE.to_owned();
    report.threats.insert(HOSTILE.to_owned(), foreign);
    let page = render(&report, &sample::ledger()).expect("rendered");
    for active in [
        "script",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "link",
        "[onerror]",
        "[onload]",
        "[onclick]",
        "[style]",
        "svg svg",
    ] {
        assert_eq!(count(&page, active), 0, "{active}");
    }
    assert_eq!(count(&page, "style"), 1);
    assert_eq!(count(&page, "meta[http-equiv]"), 1);
    let document = Html::parse_document(&page);
    for link in document.select(&Selector::parse("[href], [src], [xlink\\:href]").expect("a selector")) {
        let address = link.attr("href").unwrap_or("none");
        assert!(address.starts_with('#') || address.starts_with("https://www.rfc-editor.org/rfc/rfc"), "{address}");
    }
    for hidden in ['\u{202e}', '\u{0}', '\u{1b}', '\u{200b}', '\u{fffd}'] {
        assert!(!page.contains(hidden), "{hidden:?} is written out");
    }
    assert!(
        texts(&page, "pre .odd").contains(&"U+202E".to_owned())
            && texts(&page, "pre .odd").contains(&"invalid byte".to_owned())
    );
    assert!(
        texts(&page, "pre").iter().any(|text| text.contains("<script>alert(1)</script><img src=x onerror=alert(2)>")),
        "shown as sent"
    );
}

#[test]
fn allows_its_own_style_and_nothing_else() {
    let page = page();
    let document = Html::parse_document(&page);
    let selector = Selector::parse("meta[http-equiv=Content-Security-Policy]").expect("a selector");
    let policy = document.select(&selector).next().and_then(|meta| meta.attr("content")).expect("a policy");
    let style: String = texts(&page, "style").concat();
    let hash = BASE64.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, style.as_bytes()).as_ref());
    assert_eq!(policy, format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"));
    assert!(!style.contains("url(") && !style.contains("@import"), "the style loads nothing");
    assert!(page.find("Content-Security-Policy") < page.find("<style"), "the policy comes first");
}

#[test]
fn says_the_worst_first() {
    let page = page();
    assert_eq!(texts(&page, "h1"), ["2 of 8 threats got through"]);
    assert_eq!(texts(&page, ".tiles b"), ["2", "3", "2", "1"]);
    let parts = texts(&page, ".part h2");
    let words: Vec<String> = parts.iter().map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        words,
        ["✕What got through 2", "?What could not be decided 3", "✓What was resisted 2", "–What does not apply 1"]
    );
    assert_eq!(texts(&page, ".findings td").len(), 2);
    assert_eq!(texts(&page, "article.threat.threat h4")[0], "✕The case again", "of a threat's cases, too");
}

#[test]
fn every_threat_has_a_cell_that_leads_to_it() {
    let page = page();
    let document = Html::parse_document(&page);
    let cells = Selector::parse("a.cell").expect("a selector");
    let mut seen = 0;
    for cell in document.select(&cells) {
        let id = cell.attr("href").and_then(|href| href.strip_prefix('#')).expect("leads somewhere");
        assert_eq!(count(&page, &format!("[id='{id}']")), 1, "{id}");
        assert!(["✕", "?", "✓", "–"].contains(&cell.text().collect::<String>().as_str()), "told apart without colour");
        assert!(cell.attr("aria-label").is_some_and(|label| label.contains(": ")));
        seen += 1;
    }
    assert_eq!(seen, 8);
    assert_eq!(texts(&page, ".row h3").last().map(String::as_str), Some("Later group"), "unknown groups come last");
}

#[test]
fn explains_with_the_ledger() {
    let page = page();
    assert_eq!(texts(&page, "#code-replay .fix dd"), ["Mark the code as used in the step that checks it."]);
    assert_eq!(
        count(&page, "#code-replay > .sections a[href='https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2']"),
        1
    );
    assert_eq!(texts(&page, "#code-replay > .because"), ["The server gave tokens for a code that had been redeemed."]);
    assert_eq!(texts(&page, "#code-replay > .because + .kind"), ["1 of 2 cases got through"]);
    assert_eq!(count(&page, "#new-threat .words"), 0);
    assert_eq!(texts(&page, "#new-threat .because"), ["No case was run."]);
    assert!(texts(&page, "#code-replay .secret").contains(&"code 1".to_owned()));
    assert_eq!(texts(&page, "#code-replay .evidence .kind")[0], "POST /token → 200 OK · 12 ms");
}

#[test]
fn long_answers_are_cut_and_said_to_be() {
    let page = page();
    assert!(page.len() < 120_000, "{}", page.len());
    assert!(texts(&page, "#login-csrf .note").iter().any(|note| note.ends_with(" more bytes are in report.json.")));
}

#[test]
fn headline_suits_the_outcome() {
    let mut report = sample::report();
    let head = |report: &Report| headline(report).0;
    report.threats.retain(|_, threat| threat.verdict != Outcome::Vulnerable);
    assert_eq!(head(&report), "Nothing got through, but 3 of 6 threats could not be decided");
    report.threats.retain(|_, threat| threat.verdict != Outcome::Inconclusive);
    assert_eq!(
        headline(&report),
        (
            "Nothing got through: 2 of 2 threats resisted".to_owned(),
            "3 cases of 3 threats were run. 2 apply to this server: it resists 2 of them, 0 could not be decided."
                .to_owned()
        )
    );
    report.threats.retain(|_, threat| threat.verdict == Outcome::NotApplicable);
    assert_eq!(head(&report), "Nothing applied to this server");
    report.threats.clear();
    assert_eq!(head(&report), "Nothing was tested");
    report.complete = false;
    let page = render(&report, &[]).expect("rendered");
    assert_eq!(count(&page, ".warning"), 1);
    assert_eq!(count(&page, ".matrix"), 0);
}

#[test]
fn times_are_written_for_people() {
    assert_eq!([duration(340), duration(12_550), duration(125_000)], ["340 ms", "12.5 s", "2 min 5 s"]);
    assert_eq!(date(1_790_000_000), "21 September 2026, 14:13 UTC");
    assert_eq!(date(u64::MAX), "at an unknown time");
}
