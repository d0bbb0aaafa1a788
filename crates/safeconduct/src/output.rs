//! Answers: tables for people, JSON for programs. Answers go to standard output, everything else to standard error.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The form of an answer.
#[derive(Args, Clone, Copy)]
pub struct Output {
    /// Answer in JSON, on one line.
    #[arg(long)]
    json: bool,
}

impl Output {
    /// Prints `value` for a program, or what `people` makes of it.
    pub fn print(self, value: &Value, people: impl FnOnce(&Value) -> String) -> Result<ExitCode> {
        if self.json { line(&value.to_string()) } else { line(people(value).trim_end()) }
    }

    /// Prints JSON either way, indented for people: for answers that are JSON by a specification.
    pub fn document(self, value: &Value) -> Result<ExitCode> {
        if self.json { line(&value.to_string()) } else { line(&format!("{value:#}")) }
    }

    pub fn is_json(self) -> bool {
        self.json
    }
}

/// Writes a text and a newline. A reader that went away, as `head` does, is no error.
pub fn line(text: &str) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS).context("standard output cannot be written"),
    }
}

/// Breaks long lines between words, so that they fit a terminal of 100 columns. Indented lines stay indented.
pub fn wrap(text: &str) -> String {
    const WIDTH: usize = 98;
    let mut out = String::new();
    for line in text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let mut width = WIDTH;
        for word in line.split_whitespace() {
            let length = word.chars().count();
            if width + 1 + length > WIDTH {
                out.push('\n');
                out.push_str(indent);
                width = indent.len() + length;
            } else {
                out.push(' ');
                width += 1 + length;
            }
            out.push_str(word);
        }
        if line.trim().is_empty() {
            out.push('\n');
        }
    }
    out.trim_start_matches('\n').to_owned()
}

/// How this program was called, for commands that people shall type next.
pub fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "safeconduct".to_owned())
}

/// Rows under a heading, columns as wide as needed. Without rows, `empty`.
pub fn table(heading: &[&str], rows: &[Vec<String>], empty: &str) -> String {
    if rows.is_empty() {
        return empty.to_owned();
    }
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let heading: Vec<String> = heading.iter().map(|cell| cell.to_uppercase()).collect();
    let mut out = String::new();
    for row in std::iter::once(&heading).chain(rows) {
        let mut text = String::new();
        for (width, cell) in widths.iter().zip(row) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// The members of an object, one per line.
pub fn fields(value: &Value) -> String {
    let Some(members) = value.as_object() else { return cell(value) };
    let width = members.keys().map(String::len).max().unwrap_or(0);
    members
        .iter()
        .map(|(name, value)| format!("{name:width$}  {}\n", if is_time(name) { time(value) } else { cell(value) }))
        .collect()
}

fn is_time(name: &str) -> bool {
    ["created", "expires", "ended", "signs_from", "last_used", "client_id_issued_at"].contains(&name)
}

/// A value as people read it.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Seconds since the epoch as people read them, in UTC.
pub fn time(value: &Value) -> String {
    let at = value.as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.map_or_else(|| cell(value), |at| at.to_string())
}

/// The elements of a list.
pub fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn version(output: Output) -> Result<ExitCode> {
    let version = env!("CARGO_PKG_VERSION");
    output.print(&json!({ "name": "safeconduct", "version": version }), |_| format!("safeconduct {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words() {
        let text = wrap(&format!("one\n  {}end\n{{\n  \"a\": 1\n}}", "word ".repeat(30)));
        assert!(text.lines().all(|line| line.chars().count() <= 98), "{text}");
        assert!(text.starts_with("one\n  word word") && text.contains("\n  word word"));
        assert!(text.ends_with("end\n{\n  \"a\": 1\n}"), "{text}");
    }

    #[test]
    fn tables_are_as_wide_as_needed_and_hostile_texts_stay_on_their_line() {
        let rows = [vec!["a".to_owned(), cell(&json!("x\u{1b}[2J\ny"))], vec!["longer".to_owned(), cell(&json!([]))]];
        let text = table(&["id", "name"], &rows, "none");
        assert_eq!(text, "ID      NAME\na       x\u{fffd}[2J\u{fffd}y\nlonger  -\n");
        assert_eq!(table(&["id"], &[], "none"), "none");
        assert_eq!(time(&json!(1_800_000_000)), "2027-01-15T08:00:00Z");
        assert_eq!(time(&json!(null)), "-");
    }
}
