//! What is wrong with a configuration, told so that it can be put right: where, which key, why it matters, the fix.

use super::bounds::FIX;
use std::fmt;
use toml::de::{DeTable, DeValue};

/// One step from a table to what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The file as a whole: it could not be read, or a key that must be there is not.
    File {
        /// The file's name, as given.
        name: String,
    },
    /// A place in the file, both counted from 1.
    Place {
        /// The file's name, as given.
        name: String,
        /// Line.
        line: usize,
        /// Column, in characters.
        column: usize,
    },
    /// An environment variable.
    Variable {
        /// Its name.
        name: String,
    },
}

/// Why the server does not start with this configuration. The value itself is never repeated: it may be a secret in the
/// wrong place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where.
    pub origin: Origin,
    /// The key with its sections, `server.limits.header_bytes`; empty for the file as a whole.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
    /// Why it matters.
    pub why: String,
    /// What to write instead.
    pub fix: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File { name } => f.write_str(name),
            Origin::Place { name, line, column } => write!(f, "{name}:{line}:{column}"),
            Origin::Variable { name } => write!(f, "environment variable {name}"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{} ", self.key)?;
        }
        write!(f, "{}\n  why: {}\n  fix: {}", self.problem, self.why, self.fix)
    }
}

impl std::error::Error for ConfigError {}

/// The text of a configuration and its name, to tell places in it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    pub(super) fn whole(self) -> Origin {
        Origin::File { name: self.name.to_owned() }
    }

    /// The place of byte `offset`.
    pub(super) fn at(self, offset: usize) -> Origin {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Origin::Place {
            name: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The place of the key that `path` leads to, or of the deepest part of it that is there.
    pub(super) fn locate(self, path: &[Step]) -> Origin {
        let Ok(document) = DeTable::parse(self.text) else {
            return self.whole();
        };
        match deepest_place(document.get_ref(), path) {
            Some(offset) => self.at(offset),
            None => self.whole(),
        }
    }
}

fn deepest_place(table: &DeTable<'_>, path: &[Step]) -> Option<usize> {
    let (Step::Key(first), rest) = path.split_first()? else {
        return None;
    };
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first.as_str())?;
    let mut place = key.span().start;
    let mut value = value;
    for step in rest {
        let next = match (step, value.get_ref()) {
            (Step::Key(name), DeValue::Table(table)) => table
                .iter()
                .find(|(key, _)| key.get_ref() == name.as_str())
                .map(|(key, value)| (key.span().start, value)),
            (Step::Index(index), DeValue::Array(items)) => items.get(*index).map(|item| (item.span().start, item)),
            _ => None,
        };
        let Some((start, inner)) = next else { break };
        (place, value) = (start, inner);
    }
    Some(place)
}

/// `a.b[2].c`
pub(super) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
    }
    text
}

/// Problem and fix out of a serde message, without the value that serde likes to quote.
pub(super) fn problem_and_fix(message: &str) -> (String, String) {
    if let Some((problem, fix)) = message.split_once(FIX) {
        return (problem.to_owned(), fix.trim_end().to_owned());
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let expected = rest.split_once("expected ").map_or("", |(_, list)| list.trim_end());
        let wrong = rest.split('`').next().unwrap_or_default();
        let fix = match closest(wrong, expected) {
            Some(near) => format!("did you mean `{near}`? Known here: {expected}"),
            None => format!("remove it. Known here: {expected}"),
        };
        return ("is not a key of this section".to_owned(), fix);
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.split('`').next().unwrap_or_default();
        return (format!("lacks `{name}`"), format!("add `{name} = ...`"));
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let expected = rest.split_once("expected ").map_or("", |(_, list)| list.trim_end());
        return ("is not one of the known words".to_owned(), format!("write {expected}"));
    }
    // "invalid type: string \"...\", expected u16": what was found may be a secret in the wrong place.
    // defends: secrets-in-logs-and-errors
    match message.rsplit_once("expected ") {
        Some((_, expected)) => ("has the wrong type".to_owned(), format!("write {}", expected.trim_end())),
        None => ("cannot be read".to_owned(), "see `safeconduct config schema`".to_owned()),
    }
}

/// The name in `list` (as serde writes it, in backquotes) that is nearest to `wrong`, if any is near.
fn closest<'a>(wrong: &str, list: &'a str) -> Option<&'a str> {
    list.split('`')
        .skip(1)
        .step_by(2)
        .map(|name| (distance(wrong, name), name))
        .filter(|(distance, name)| *distance <= name.len().max(wrong.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

/// Edit distance, for "did you mean".
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substitute = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
