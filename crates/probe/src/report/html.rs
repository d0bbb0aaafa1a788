//! The report for people: one file that needs nothing else, no script and no network, whatever the server answered.

use askama::Template;
use data_encoding::BASE64;

use super::visible::{Piece, pieces, plain};
use super::{group, section};
use crate::exchange::Exchange;
use crate::ledger::Threat;
use crate::verdict::{CaseResult, Outcome, Report, ThreatResult};

const STYLE: &str = include_str!("../../templates/report.css");
/// How much of one message is shown where something got through, in bytes. The rest is in the JSON report.
const SHOWN: usize = 8 * 1024;
/// And elsewhere, where few will look: a run of everything has some 3000 exchanges, and a browser has to hold them all.
const SHOWN_ELSEWHERE: usize = 2 * 1024;

/// Renders the report. What a threat is about is taken from the ledger; one that is not there is shown by its title alone.
///
/// # Errors
/// Only if writing to memory fails.
pub fn render(report: &Report, ledger: &[Threat]) -> Result<String, askama::Error> {
    Page::new(report, ledger).render()
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    /// Only this style may be applied: hostile markup that got past the escaping would still be without script and style.
    policy: String,
    style: &'static str,
    target: String,
    issuer: String,
    started: String,
    took: String,
    probe: String,
    complete: bool,
    headline: String,
    lead: String,
    /// Of the headline: the class of the worst outcome.
    tone: &'static str,
    total: usize,
    tiles: Vec<Tile>,
    groups: Vec<Row>,
    parts: Vec<Part>,
}

/// One of the four numbers, and its stretch of the bar.
struct Tile {
    class: &'static str,
    symbol: &'static str,
    label: &'static str,
    says: &'static str,
    count: usize,
    /// Where its stretch of the bar begins, in threats.
    from: usize,
}

/// A line of the matrix.
struct Row {
    title: String,
    resisted: usize,
    tested: usize,
    cells: Vec<Cell>,
}

struct Cell {
    id: String,
    title: String,
    word: &'static str,
    symbol: &'static str,
}

/// All threats of one outcome.
struct Part {
    class: &'static str,
    symbol: &'static str,
    title: &'static str,
    /// Whether each is shown in full at once, or unfolds.
    open: bool,
    threats: Vec<Entry>,
}

struct Entry {
    id: String,
    title: String,
    group: String,
    /// The sentence of the case that decided.
    because: String,
    /// How many of its cases came to the same.
    share: String,
    hint: Option<String>,
    words: Option<Words>,
    sections: Vec<section::Link>,
    cases: Vec<Case>,
}

/// The threat in words, from the ledger.
struct Words {
    attack: String,
    safe: String,
    fix: String,
}

struct Case {
    name: String,
    title: String,
    class: &'static str,
    symbol: &'static str,
    because: String,
    sections: Vec<section::Link>,
    took: String,
    evidence: Vec<Shown>,
}

/// An exchange as shown.
struct Shown {
    what: String,
    /// Method and path, and what came of it.
    line: String,
    came: String,
    failure: Option<String>,
    millis: u64,
    request: Message,
    response: Message,
}

/// A message: its first line, the rest, and how many bytes were left out.
struct Message {
    first: Vec<Piece>,
    rest: Vec<Piece>,
    left_out: usize,
}

impl Page {
    fn new(report: &Report, ledger: &[Threat]) -> Self {
        let (headline, lead) = headline(report);
        let counts =
            Outcome::ALL.map(|outcome| report.threats.values().filter(|threat| threat.verdict == outcome).count());
        let worst = Outcome::ALL
            .into_iter()
            .zip(counts)
            .find(|(_, count)| *count > 0)
            .map_or(Outcome::Inconclusive, |(worst, _)| worst);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
        let mut from = 0;
        let tiles = Outcome::ALL.into_iter().zip(counts).map(|(outcome, count)| {
            from += count;
            Tile::new(outcome, count, from - count)
        });
        Self {
            policy: format!(
                "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
                BASE64.encode(digest.as_ref())
            ),
            style: STYLE,
            target: plain(&report.target),
            issuer: plain(&report.issuer),
            started: date(report.started),
            took: duration(report.millis),
            probe: plain(&report.probe),
            complete: report.complete,
            headline,
            lead,
            tone: worst.word(),
            total: report.threats.len(),
            tiles: tiles.collect(),
            groups: matrix(report),
            parts: Outcome::ALL
                .map(|outcome| Part::new(outcome, report, ledger))
                .into_iter()
                .filter(|part| !part.threats.is_empty())
                .collect(),
        }
    }
}

impl Tile {
    fn new(outcome: Outcome, count: usize, from: usize) -> Self {
        let (label, says) = match outcome {
            Outcome::Vulnerable => ("Vulnerable", "An attack worked."),
            Outcome::Inconclusive => ("Inconclusive", "It could not be found out."),
            Outcome::Resisted => ("Resisted", "Honest use worked, every attack that was tried failed."),
            Outcome::NotApplicable => ("Not applicable", "The feature is off, as was tried."),
        };
        Self { class: outcome.word(), symbol: symbol(outcome), label, says, count, from }
    }
}

impl Part {
    fn new(outcome: Outcome, report: &Report, ledger: &[Threat]) -> Self {
        let mut threats: Vec<_> = report.threats.iter().filter(|(_, threat)| threat.verdict == outcome).collect();
        threats.sort_by(|(_, one), (_, other)| {
            (group::rank(&one.group), &one.group, &one.title).cmp(&(
                group::rank(&other.group),
                &other.group,
                &other.title,
            ))
        });
        let title = match outcome {
            Outcome::Vulnerable => "What got through",
            Outcome::Inconclusive => "What could not be decided",
            Outcome::Resisted => "What was resisted",
            Outcome::NotApplicable => "What does not apply",
        };
        let entry = |(id, result): (&String, &ThreatResult)| {
            Entry::new(id, result, ledger.iter().find(|threat| threat.id == *id))
        };
        Self {
            class: outcome.word(),
            symbol: symbol(outcome),
            title,
            open: matches!(outcome, Outcome::Vulnerable | Outcome::Inconclusive),
            threats: threats.into_iter().map(entry).collect(),
        }
    }
}

impl Entry {
    fn new(id: &str, result: &ThreatResult, threat: Option<&Threat>) -> Self {
        let mut cases: Vec<&CaseResult> = result.cases.iter().collect();
        cases.sort_by_key(|case| std::cmp::Reverse(case.verdict));
        let because =
            cases.iter().find(|case| case.verdict == result.verdict).map_or("No case was run.", |case| &case.because);
        let same = cases.iter().filter(|case| case.verdict == result.verdict).count();
        let words = threat.map(|threat| Words {
            attack: plain(threat.attack.trim()),
            safe: plain(threat.safe.trim()),
            fix: plain(threat.fix.trim()),
        });
        Self {
            id: plain(id),
            title: plain(&result.title),
            group: group::title(&plain(&result.group)),
            because: sentence(because),
            share: format!("{same} of {} cases {}", cases.len(), came_to(result.verdict)),
            hint: result.hint.as_deref().map(sentence),
            words,
            sections: threat.map(|threat| section::links(&threat.sections)).unwrap_or_default(),
            cases: cases.into_iter().map(|case| Case::new(case, threat)).collect(),
        }
    }
}

impl Case {
    fn new(case: &CaseResult, threat: Option<&Threat>) -> Self {
        // Only those that the threat does not name already.
        let known = |section: &&String| threat.is_some_and(|threat| threat.sections.contains(section));
        let sections: Vec<String> = case.sections.iter().filter(|section| !known(section)).cloned().collect();
        let most = if case.verdict == Outcome::Vulnerable { SHOWN } else { SHOWN_ELSEWHERE };
        Self {
            name: plain(&case.name),
            title: plain(&case.title),
            class: case.verdict.word(),
            symbol: symbol(case.verdict),
            because: sentence(&case.because),
            sections: section::links(&sections),
            took: duration(case.millis),
            evidence: case.evidence.iter().map(|exchange| Shown::new(exchange, most)).collect(),
        }
    }
}

impl Shown {
    fn new(exchange: &Exchange, most: usize) -> Self {
        let line = exchange.request.lines().next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let status = exchange.response.lines().next().unwrap_or_default();
        let came = status.split_once(' ').map_or(status, |(_, status)| status);
        Self {
            what: plain(&exchange.what),
            line: plain(&format!("{method} {}", cut(path, 80).0)),
            came: plain(if came.is_empty() { "no answer" } else { cut(came, 60).0 }),
            failure: exchange.failure.as_deref().map(sentence),
            millis: exchange.millis,
            request: Message::new(&exchange.request, most),
            response: Message::new(&exchange.response, most),
        }
    }
}

impl Message {
    fn new(text: &str, most: usize) -> Self {
        let (shown, left_out) = cut(text, most);
        let (first, rest) = shown.split_once('\n').unwrap_or((shown, ""));
        Self { first: pieces(first.trim_end_matches('\r')), rest: pieces(rest.trim_end()), left_out }
    }
}

/// A clause as a sentence of its own.
fn sentence(text: &str) -> String {
    let text = plain(text.trim());
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

const fn came_to(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Vulnerable => "got through",
        Outcome::Inconclusive => "could not be decided",
        Outcome::Resisted => "were resisted",
        Outcome::NotApplicable => "do not apply",
    }
}

/// The first bytes of a text, at most so many, and how many were left out.
fn cut(text: &str, most: usize) -> (&str, usize) {
    let end = text.floor_char_boundary(most);
    (&text[..end], text.len() - end)
}

/// The verdict in one line, and what it rests on.
fn headline(report: &Report) -> (String, String) {
    let all = report.threats.len();
    let [vulnerable, inconclusive, resisted, not_applicable] =
        Outcome::ALL.map(|outcome| report.threats.values().filter(|threat| threat.verdict == outcome).count());
    let cases: usize = report.threats.values().map(|threat| threat.cases.len()).sum();
    let headline = match (all, vulnerable, inconclusive) {
        (0, ..) => "Nothing was tested".to_owned(),
        (_, 0, 0) if resisted == 0 => "Nothing applied to this server".to_owned(),
        (_, 0, 0) => format!("Nothing got through: {resisted} of {resisted} threats resisted"),
        (_, 0, open) => format!("Nothing got through, but {open} of {all} threats could not be decided"),
        (_, 1, _) => format!("1 of {all} threats got through"),
        (_, through, _) => format!("{through} of {all} threats got through"),
    };
    let tried = all - not_applicable;
    let lead = format!(
        "{cases} {} of {all} {} were run. {tried} apply to this server: it resists {resisted} of them, {inconclusive} could not be decided.",
        plural(cases, "case", "cases"),
        plural(all, "threat", "threats"),
    );
    (headline, lead)
}

const fn plural<'a>(count: usize, one: &'a str, more: &'a str) -> &'a str {
    if count == 1 { one } else { more }
}

fn matrix(report: &Report) -> Vec<Row> {
    let mut groups: Vec<&str> = report.threats.values().map(|threat| threat.group.as_str()).collect();
    groups.sort_unstable_by_key(|id| (group::rank(id), *id));
    groups.dedup();
    let row = |id: &str| {
        let mut threats: Vec<_> = report.threats.iter().filter(|(_, threat)| threat.group == id).collect();
        threats.sort_by_key(|(_, threat)| std::cmp::Reverse(threat.verdict));
        Row {
            title: group::title(&plain(id)),
            resisted: threats.iter().filter(|(_, threat)| threat.verdict == Outcome::Resisted).count(),
            tested: threats.iter().filter(|(_, threat)| threat.verdict != Outcome::NotApplicable).count(),
            cells: threats.into_iter().map(|(id, threat)| Cell::new(id, threat)).collect(),
        }
    };
    groups.into_iter().map(row).collect()
}

impl Cell {
    fn new(id: &str, threat: &ThreatResult) -> Self {
        Self { id: plain(id), title: plain(&threat.title), word: threat.verdict.word(), symbol: symbol(threat.verdict) }
    }
}

/// Tells the outcomes apart without colour.
const fn symbol(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Vulnerable => "✕",
        Outcome::Inconclusive => "?",
        Outcome::Resisted => "✓",
        Outcome::NotApplicable => "–",
    }
}

/// A moment in words, in UTC.
fn date(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(|| "at an unknown time".to_owned(), |moment| moment.strftime("%-d %B %Y, %H:%M UTC").to_string())
}

/// A span in words: `340 ms`, `12.5 s`, `2 min 5 s`.
fn duration(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
    }
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
