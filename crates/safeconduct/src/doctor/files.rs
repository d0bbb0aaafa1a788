//! Modes of everything that others must not read or write.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use server::control;

use super::{Findings, Patient};

/// Files of the demo that hold secrets.
const DEMO: [&str; 3] = ["quickstart.json", "quickstart.env", "batch-key.jwk"];

pub fn check(patient: &Patient<'_>, config_file: &Path, findings: &mut Findings) {
    let config = patient.config;
    let folder = control::folder(config);
    others_stay_out(&folder, "chmod 700", 0o022, 0o055, findings);
    others_stay_out(config_file, "chmod 600", 0o022, 0, findings);
    private(&config.store.path, findings);
    for side in ["-wal", "-shm"] {
        let mut name = config.store.path.as_os_str().to_owned();
        name.push(side);
        private(Path::new(&name), findings);
    }
    others_stay_out(&config.keys.directory, "chmod 700", 0o077, 0, findings);
    let keys = std::fs::read_dir(&config.keys.directory).into_iter().flatten().flatten();
    for key in keys {
        private(&key.path(), findings);
    }
    for name in DEMO {
        private(&folder.join(name), findings);
    }
}

/// A file that nobody but its owner reads.
fn private(path: &Path, findings: &mut Findings) {
    others_stay_out(path, "chmod 600", 0o077, 0, findings);
}

/// Reports the bits of `bad` as errors and those of `poor` as warnings. A file that is not there has no mode.
fn others_stay_out(path: &Path, chmod: &str, bad: u32, poor: u32, findings: &mut Findings) {
    let Ok(metadata) = std::fs::metadata(path) else { return };
    let mode = metadata.mode() & 0o777;
    let shown = path.display().to_string();
    let problem = format!("other users of this machine can read or change it (mode {mode:o})");
    let fix = format!("{chmod} {shown}; if others were here, change what is inside as well");
    if mode & bad != 0 {
        findings.error("files", shown, problem, fix);
    } else if mode & poor != 0 {
        findings.warning("files", shown, format!("other users of this machine can look into it (mode {mode:o})"), fix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn signing_key_compromise_open_modes_are_found() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("store.sqlite");
        for (mode, errors) in [(0o600, 0), (0o400, 0), (0o640, 1), (0o602, 1), (0o644, 1)] {
            std::fs::write(&path, "").expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("chmod");
            let mut findings = Findings::default();
            private(&path, &mut findings);
            assert_eq!(findings.list.len(), errors, "{mode:o}");
            std::fs::remove_file(&path).expect("removed");
        }
        let mut findings = Findings::default();
        private(&dir.path().join("nothing"), &mut findings);
        assert!(findings.list.is_empty());
    }
}
