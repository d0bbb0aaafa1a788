//! `report.json`: the whole of a run, for programs, and for the next run to continue or to compare with.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

use crate::verdict::Report;

/// Why a report could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system says no.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the file system said.
        source: io::Error,
    },
    /// It is not a report of this probe.
    #[error("{path} is no report of this probe: {source}")]
    Form {
        /// The file.
        path: String,
        /// Where it differs.
        source: serde_json::Error,
    },
    /// It was written in a form that this version does not read.
    #[error(
        "{path} has schema {found}, and this version reads {}: use the version of the probe that wrote it",
        Report::SCHEMA
    )]
    Schema {
        /// The file.
        path: String,
        /// The version it has.
        found: u32,
    },
}

/// Reads a report.
///
/// # Errors
/// When it cannot be read, is of another schema, or is no report.
pub fn read(path: &Path) -> Result<Report, ReadError> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| ReadError::Io { path: name(), source })?;
    /// The schema is looked at first: a later form may differ in everything else.
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
    }
    let head: Head = serde_json::from_str(&text).map_err(|source| ReadError::Form { path: name(), source })?;
    if head.schema != Report::SCHEMA {
        return Err(ReadError::Schema { path: name(), found: head.schema });
    }
    serde_json::from_str(&text).map_err(|source| ReadError::Form { path: name(), source })
}

/// Writes a report, whole or not at all.
///
/// # Errors
/// What the file system says.
pub fn write(path: &Path, report: &Report) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(report)?;
    text.push(b'\n');
    super::write(path, &text)
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
        write(&path, &report).expect("written");
        let back = read(&path).expect("read back");
        assert_eq!(serde_json::to_value(&back).expect("to JSON"), serde_json::to_value(&report).expect("to JSON"));
        let value: serde_json::Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
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
                fs::write(&path, text).expect("written");
            }
            read(&path).expect_err("no report").to_string()
        };
        assert!(said(None).starts_with("cannot read "), "missing");
        assert!(said(Some("hello")).contains("is no report of this probe"));
        assert!(said(Some("{\"schema\":1}")).contains("missing field"));
        assert!(said(Some("{\"schema\":2,\"all\":\"new\"}")).contains("has schema 2, and this version reads 1"));
    }
}
