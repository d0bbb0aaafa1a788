//! The file, overlaid by environment variables and by files that hold one value each.
//!
//! - `SAFECONDUCT_SERVER_LIMITS_BODY_BYTES=32768` sets `server.limits.body_bytes`.
//! - `SAFECONDUCT_ISSUER_FILE=/run/secrets/issuer`, or `issuer_file = "..."` in the file, reads the value from a file,
//!   for values that should not stand in a process's environment.

use super::error::{ConfigError, Origin, Source, Step, path_text, problem_and_fix};
use super::{checks, document};
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

const PREFIX: &str = "SAFECONDUCT_";
/// Variables of the command line, not of the configuration.
const OTHER: [&str; 3] = ["SAFECONDUCT_CONFIG", "SAFECONDUCT_DIR", "SAFECONDUCT_NO_BROWSER"];
/// A value in a file of its own; more than any key can hold.
const LONGEST_FILE: u64 = 65_536;

/// The merged tables, and which keys came from where.
#[derive(Debug)]
pub(super) struct Overlaid {
    pub(super) table: Table,
    variables: BTreeMap<String, String>,
}

impl Overlaid {
    /// An error about `path`, told at the variable or the place in the file where it was set.
    pub(super) fn error_at(&self, source: Source<'_>, path: &[Step], message: &str) -> ConfigError {
        let key = path_text(path);
        let (problem, fix) = problem_and_fix(message);
        let origin = match self.variables.get(&key) {
            Some(name) => Origin::Variable { name: name.clone() },
            None => source.locate(path),
        };
        ConfigError { origin, key, problem, why: document::why(path), fix }
    }
}

/// serde's path as ours.
pub(super) fn steps(path: &serde_path_to_error::Path) -> Vec<Step> {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// Parses the file and lays the environment over it.
pub(super) fn merge(
    source: Source<'_>,
    folder: &Path,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Overlaid, ConfigError> {
    let mut table: Table = toml::from_str(source.text).map_err(|e| ConfigError {
        origin: e.span().map_or(source.whole(), |span| source.at(span.start)),
        key: String::new(),
        problem: format!("is not TOML: {}", e.message()),
        why: "the rest of the file cannot be trusted to say what you meant".to_owned(),
        fix: "see https://toml.io; texts need quotes, sections stand in [brackets]".to_owned(),
    })?;
    read_value_files(source, folder, &mut table, &mut Vec::new())?;
    let mut variables = BTreeMap::new();
    let leaves = document::leaves();
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        if OTHER.contains(&name.as_str()) {
            continue;
        }
        let (leaf, in_file) = match leaves.iter().find(|leaf| leaf.variable == rest) {
            Some(leaf) => (leaf, None),
            None => {
                match rest.strip_suffix("_FILE").and_then(|rest| leaves.iter().find(|leaf| leaf.variable == rest)) {
                    Some(leaf) => (leaf, Some(Path::new(&value))),
                    None => return Err(unknown_variable(&name)),
                }
            }
        };
        let text = match in_file {
            None => value.clone(),
            Some(path) => read_value(&folder.join(path)).map_err(|(problem, fix)| ConfigError {
                origin: Origin::Variable { name: name.clone() },
                key: leaf.path.join("."),
                problem,
                why: document::why(&leaf.steps()),
                fix,
            })?,
        };
        insert(&mut table, &leaf.path, leaf.value(&text));
        variables.insert(leaf.path.join("."), name);
    }
    Ok(Overlaid { table, variables })
}

fn unknown_variable(name: &str) -> ConfigError {
    ConfigError {
        origin: Origin::Variable { name: name.to_owned() },
        key: String::new(),
        problem: "sets no key of the configuration".to_owned(),
        why: "a misspelt variable would leave a setting at its default without a word".to_owned(),
        fix: "SAFECONDUCT_ and the key with its sections in capitals, parted by _, like SAFECONDUCT_SERVER_LISTEN; or \
              unset it"
            .to_owned(),
    }
}

fn insert(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = table.entry(first.clone()).or_insert_with(|| Value::Table(Table::new()));
            // A section that is not a table is an error of the file, found when it is read.
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// Replaces every `key_file = "path"` by `key = "content"`. No key of ours ends in `_file`, so nothing is shadowed.
fn read_value_files(
    source: Source<'_>,
    folder: &Path,
    table: &mut Table,
    path: &mut Vec<Step>,
) -> Result<(), ConfigError> {
    let names: Vec<String> = table.keys().cloned().collect();
    for name in names {
        path.push(Step::Key(name.clone()));
        if let Some(Value::Table(inner)) = table.get_mut(&name) {
            read_value_files(source, folder, inner, path)?;
        }
        if let (Some(plain), Some(Value::String(file))) = (name.strip_suffix("_file"), table.get(&name)) {
            let content = if table.contains_key(plain) {
                Err((format!("is set beside {plain}"), format!("keep one of {name} and {plain}")))
            } else {
                read_value(&folder.join(file))
            };
            let content = content.map_err(|(problem, fix)| ConfigError {
                origin: source.locate(path),
                key: path_text(path),
                problem,
                why: "the value stands in a file of its own, so that it is in no one else's sight".to_owned(),
                fix,
            })?;
            table.remove(&name);
            table.insert(plain.to_owned(), Value::String(content));
        }
        path.pop();
    }
    Ok(())
}

/// The content of a value file without the newline at its end.
fn read_value(path: &Path) -> Result<String, (String, String)> {
    // defends: secrets-in-logs-and-errors  a value is put in a file because it is secret.
    checks::file(path, checks::Secrecy::Private)?;
    let shown = path.display();
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > LONGEST_FILE {
        return Err(("names a file that is too large".to_owned(), format!("put one value into {shown}")));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|_| ("names a file that cannot be read as text".to_owned(), format!("put one value into {shown}")))?;
    Ok(text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line)).to_owned())
}
