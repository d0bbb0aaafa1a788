//! Reports: the same findings for programs ([`json`]), people ([`html`]), code scanners ([`sarif`]) and test runners ([`junit`]).

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

pub mod compare;
pub mod group;
pub mod html;
pub mod json;
pub mod junit;
pub mod progress;
pub mod sarif;
pub mod section;
mod visible;

/// Writes a file whole or not at all: a reader, or a run that continues this one, never sees half a report.
///
/// # Errors
/// What the file system says. The file keeps its former content then.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    });
    if written.is_err() {
        // The first error tells more than one about the clearing up.
        let _ = std::fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
pub(crate) mod sample;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_keeps_the_former_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        write(&path, b"one").expect("written");
        write(&path, b"two").expect("written over");
        assert_eq!(std::fs::read(&path).expect("read"), b"two");
        assert!(write(&folder.path().join("missing/report.json"), b"x").is_err());
        std::fs::create_dir(folder.path().join("taken")).expect("made");
        assert!(write(&folder.path().join("taken"), b"x").is_err(), "a folder cannot be replaced");
        let left: Vec<_> =
            std::fs::read_dir(folder.path()).expect("read").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left.len(), 2, "no part files stay behind: {left:?}");
    }
}
