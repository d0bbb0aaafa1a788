//! Who may import whom, who may use what, and who may say that something is proved.
//!
//! The tables are the house rules. A change here is a change of the architecture: see ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Crates of the workspace, and which others they may depend on.
const IMPORTS: &[(&str, &[&str])] = &[
    ("bench", &["jose", "protocol", "server", "store"]),
    ("client", &["jose", "protocol"]),
    ("jose", &[]),
    ("lab", &["client", "jose", "protocol", "resource", "server", "store"]),
    ("probe", &[]),
    ("protocol", &["jose"]),
    ("resource", &["jose", "protocol"]),
    ("safeconduct", &["jose", "lab", "protocol", "server", "store"]),
    ("server", &["jose", "protocol", "store"]),
    ("store", &["jose", "protocol"]),
    ("testbed", &["jose", "protocol", "store"]),
];

/// What the pure crates may depend on besides, so that no runtime, clock or socket comes in by a side door.
const PURE: &[(&str, &[&str])] = &[
    ("jose", &["aws-lc-rs", "data-encoding", "serde", "serde_json", "thiserror", "zeroize"]),
    ("protocol", &["data-encoding", "form_urlencoded", "serde", "serde_json", "thiserror", "url"]),
];

/// The only files that may write `::assertion(`, and which proofs they make.
const ASSERTIONS: &[(&str, &[&str])] = &[
    ("crates/jose/src/verify.rs", &["Verified"]),
    ("crates/protocol/src/authorize/approve.rs", &["TrustedRedirect"]),
    ("crates/protocol/src/authorize/bind.rs", &["TrustedRedirect"]),
    ("crates/server/src/front_channel.rs", &["AuthenticatedUser"]),
    ("crates/store/src/ledger.rs", &["Committed", "FirstUse"]),
    ("crates/testbed/src/stage.rs", &["AuthenticatedUser"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is where it was built")
}

/// The packages of the workspace as cargo knows them.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

/// Normal and build dependencies of each crate of the workspace, by folder name.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    packages()
        .iter()
        .map(|package| {
            let used = package["dependencies"].as_array().expect("dependencies").iter();
            let used = used.filter(|used| used["kind"] != "dev").map(|used| short(&used["name"])).collect();
            (short(&package["name"]), used)
        })
        .collect()
}

fn short(name: &Value) -> String {
    let name = name.as_str().expect("a name");
    name.strip_prefix("safeconduct-").unwrap_or(name).to_owned()
}

#[test]
fn imports_point_inward() {
    let found = dependencies();
    let ours: BTreeSet<&str> = IMPORTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), ours, "the table names every crate");
    for (name, allowed) in IMPORTS {
        let used = found[*name].iter().map(String::as_str).filter(|used| ours.contains(used));
        for used in used {
            assert!(allowed.contains(&used), "{name} must not depend on {used}");
        }
    }
}

/// The straw server is weak on purpose: the program must not even hold it.
#[test]
fn the_program_holds_no_straw() {
    let packages = packages();
    let program = packages.iter().find(|package| package["name"] == "safeconduct").expect("the program");
    let dependencies = program["dependencies"].as_array().expect("dependencies");
    let lab = dependencies.iter().find(|used| used["name"] == "lab").expect("the demo cast");
    assert_eq!(lab["uses_default_features"], false);
    assert_eq!(lab["features"], Value::Array(Vec::new()));
}

#[test]
fn pure_crates_use_pure_things() {
    let found = dependencies();
    for (name, allowed) in PURE {
        for used in &found[*name] {
            assert!(used == "jose" || allowed.contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
}

/// Rust sources below `folder`, with the path from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                found.push((name, std::fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    found.sort();
    found
}

/// Lines that are neither comments nor in a test module, which stands last in its file or is a file of its own.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split("#[cfg(test)]")
        .next()
        .into_iter()
        .flat_map(str::lines)
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn only_these_files_say_that_something_is_proved() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, _) in IMPORTS {
        for (path, text) in sources(&format!("crates/{name}/src")) {
            if path.contains("/tests/") {
                continue;
            }
            for line in code(&text) {
                for (at, _) in line.match_indices("::assertion(") {
                    let made = line[..at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                    found.entry(path.clone()).or_default().insert(made.to_owned());
                }
            }
        }
    }
    let allowed: BTreeMap<String, BTreeSet<String>> = ASSERTIONS
        .iter()
        .map(|(path, proofs)| ((*path).to_owned(), proofs.iter().map(|proof| (*proof).to_owned()).collect()))
        .collect();
    assert_eq!(found, allowed);
}

#[test]
fn pure_crates_name_no_clock_no_socket_and_no_thread() {
    const BANNED: [&str; 10] = [
        "SystemTime",
        "Instant::now",
        "std::env",
        "std::fs",
        "std::net::Tcp",
        "std::net::Udp",
        "std::process",
        "std::thread",
        "async fn",
        ".await",
    ];
    for (name, _) in PURE {
        for (path, text) in sources(&format!("crates/{name}/src")) {
            // Test modules that are files of their own, and the one that renders a document.
            if path.contains("/tests") || path.ends_with("vectors.rs") || path.ends_with("markdown.rs") {
                continue;
            }
            for line in code(&text) {
                for banned in BANNED {
                    assert!(!line.contains(banned), "{path}: {line}");
                }
            }
        }
    }
}
