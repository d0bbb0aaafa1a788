//! Whether the clock can be believed: tokens, codes and keys live by it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::Value;

use super::{Findings, Patient, days};
use crate::output::items;

/// 2026-01-01T00:00:00Z: before this release was made.
const RELEASE: i64 = 1_767_225_600;
/// Two machines that differ by less are well.
pub const TOLERANCE: i64 = 300;

pub fn check(patient: &Patient<'_>, config_file: &Path, findings: &mut Findings) {
    let now = patient.now.0;
    if now < RELEASE {
        findings.error(
            "clock",
            "this machine",
            "its clock stands before this release was made: every expiry is wrong",
            "set it, and keep it with NTP (timedatectl set-ntp true)",
        );
    }
    let config = patient.config;
    for path in [config_file, &config.store.path, &config.keys.directory] {
        let Ok(metadata) = std::fs::metadata(path) else { continue };
        if metadata.mtime() > now + TOLERANCE {
            findings.warning(
                "clock",
                path.display().to_string(),
                "was written in the future: the clock was set back since, so what had expired may count again",
                "set the clock right, and keep it with NTP",
            );
        }
    }
}

/// The newest event that the store holds.
pub fn check_events(patient: &Patient<'_>, events: &Value, findings: &mut Findings) {
    let newest = items(events).last().and_then(|event| event["at"].as_i64()).unwrap_or(0);
    let ahead = newest - patient.now.0;
    if ahead > TOLERANCE {
        findings.error(
            "clock",
            "the record of events",
            format!("its newest event lies {} days and {} seconds ahead of the clock", days(ahead), ahead % 86_400),
            "set the clock right, and keep it with NTP",
        );
    }
}

/// The `Date` of an answer from the issuer's address.
pub fn check_date(patient: &Patient<'_>, date: &str, findings: &mut Findings) {
    let Ok(there) = jiff::fmt::rfc2822::parse(date) else { return };
    let apart = (there.timestamp().as_second() - patient.now.0).abs();
    if apart > TOLERANCE {
        findings.warning(
            "clock",
            patient.config.issuer.to_string(),
            format!("who answers there has a clock that is {apart} seconds off this machine's"),
            "keep both with NTP",
        );
    }
}
