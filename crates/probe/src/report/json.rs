//! `report.json`: the report for programs, and what `--resume` and `compare` read.

use std::path::Path;

use crate::verdict::Report;

/// Reads a report.
///
/// # Errors
/// A sentence with the path: unreadable, no report, or of a version that this probe does not know.
pub fn read(path: &Path) -> Result<Report, String> {
    let bad = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| bad(&error))?;
    if report.schema == Report::SCHEMA { Ok(report) } else { Err(bad(&format!("schema {} is not known", report.schema))) }
}

/// Writes a report.
///
/// # Errors
/// A sentence with the path.
pub fn write(report: &Report, path: &Path) -> Result<(), String> {
    let bad = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = serde_json::to_string_pretty(report).map_err(|error| bad(&error))?;
    std::fs::write(path, text).map_err(|error| bad(&error))
}
