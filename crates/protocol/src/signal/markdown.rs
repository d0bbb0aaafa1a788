//! The table in `/docs/events.md`, made from the rows so that it cannot say anything else.

use super::{Severity, Signal};

/// The table of all signals that something raises, one line each.
pub fn events_table() -> String {
    let head = "| Signal | Severity | What happened | What the server did |\n| --- | --- | --- | --- |\n";
    let line = |&signal: &Signal| {
        let (name, severity, says) = (signal.name(), word(signal.severity()), signal.says());
        signal.raised().map(|response| format!("| `{name}` | {severity} | {says} | {response} |\n"))
    };
    Signal::ALL.iter().filter_map(line).fold(head.to_owned(), |table, line| table + &line)
}

/// As in the JSON of an event.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Notice => "notice",
        Severity::Warning => "warning",
        Severity::High => "high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_md_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/events.md");
        let page = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
        let start = page.find("| Signal |").expect("the page has the table");
        let length = page[start..].find("\n\n").map_or(page.len() - start, |end| end + 1);
        let made = events_table();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let page = format!("{}{made}{}", &page[..start], &page[start + length..]);
            std::fs::write(path, page).unwrap_or_else(|error| panic!("cannot write {path}: {error}"));
            return;
        }
        let fresh = page[start..start + length] == made;
        assert!(fresh, "docs/events.md is stale: run UPDATE_DOCS=1 cargo test -p safeconduct-protocol events_md");
    }

    #[test]
    fn severities_read_as_in_json() {
        for severity in [Severity::Info, Severity::Notice, Severity::Warning, Severity::High] {
            assert_eq!(serde_json::to_value(severity).ok(), Some(word(severity).into()));
        }
    }
}
