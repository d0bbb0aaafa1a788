//! `report.json`: the whole of a run, for programs, and for the next run to continue or to compare with.

use std::path::Path;

use serde::Deserialize;

use crate::verdict::Report;

/// The part that every form of the report has. It is read first: a later form may differ in everything else.
#[derive(Deserialize)]
struct Version {
    schema: u32,
}

/// Reads a report.
///
/// # Errors
/// A sentence with the path: unreadable, no report, or of a version that this probe does not know.
pub fn read(path: &Path) -> Result<Report, String> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let no_report = |error: serde_json::Error| format!("{name} is no report of this probe: {error}");
    let Version { schema } = serde_json::from_str(&text).map_err(no_report)?;
    if schema != Report::SCHEMA {
        let known = Report::SCHEMA;
        return Err(format!("{name} has schema {schema}, and this probe reads {known}: use the version that wrote it"));
    }
    serde_json::from_str(&text).map_err(no_report)
}

/// Writes a report, whole or not at all.
///
/// # Errors
/// A sentence with the path.
pub fn write(report: &Report, path: &Path) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut text = serde_json::to_vec_pretty(report).map_err(|error| failed(&error))?;
    text.push(b'\n');
    super::write(path, &text).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        let report = sample::report();
        write(&report, &path).expect("written");
        let back = read(&path).expect("read back");
        assert_eq!(serde_json::to_value(&back).expect("to JSON"), serde_json::to_value(&report).expect("to JSON"));
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("JSON");
        assert_eq!(value["schema"], 1);
        assert_eq!(value["summary"]["not_applicable"], report.summary.not_applicable);
        assert_eq!(value["threats"]["code-replay"]["verdict"], "vulnerable");
    }

    #[test]
    fn says_why_a_file_cannot_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        let said = |text: Option<&str>| {
            if let Some(text) = text {
                std::fs::write(&path, text).expect("written");
            }
            read(&path).expect_err("no report")
        };
        assert!(said(None).contains("report.json: "), "missing");
        assert!(said(Some("hello")).contains("is no report of this probe"));
        assert!(said(Some("{\"schema\":1}")).contains("missing field"));
        assert!(said(Some("{\"schema\":2,\"all\":\"new\"}")).contains("has schema 2, and this probe reads 1"));
    }
}
