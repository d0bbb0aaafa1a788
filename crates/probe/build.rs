//! Builds every file below `cases/` into the program, so that one new file is one new case.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("cases");
    println!("cargo::rerun-if-changed={}", root.display());
    let (mut threats, mut cases) = (String::new(), String::new());
    for folder in sorted(&root)? {
        println!("cargo::rerun-if-changed={}", folder.display());
        let threat = name(&folder);
        for file in sorted(&folder)? {
            println!("cargo::rerun-if-changed={}", file.display());
            let (case, path) = (name(&file), file.display().to_string());
            match case.strip_suffix(".toml") {
                Some("threat") => writeln!(threats, "({threat:?}, include_str!({path:?})),"),
                Some(case) => writeln!(cases, "({threat:?}, {case:?}, include_str!({path:?})),"),
                None => Ok(()),
            }
            .expect("a string takes all");
        }
    }
    let text = format!(
        "const THREAT_FILES: &[(&str, &str)] = &[\n{threats}];\nconst CASE_FILES: &[(&str, &str, &str)] = &[\n{cases}];\n"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("cases.rs"), text)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
