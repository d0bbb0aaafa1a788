//! The commands.

use std::io::{self, Write as _};

pub mod compare;
pub mod explain;
pub mod init;
pub mod list;
pub mod run;

/// Columns of the terminal: what the shell says, else 80. At most 100, for reading.
pub(crate) fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(80).clamp(40, 100)
}

/// Writes to standard output. A reader that went away (`| head`) is no failure.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// Fills lines with the words of a text, each line beginning with `indent` spaces.
fn wrap(text: &str, indent: usize, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => *line = format!("{line} {word}"),
            _ => lines.push(format!("{}{word}", " ".repeat(indent))),
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_and_no_longer_than_they_may_be() {
        assert_eq!(wrap("one two  three\nfour", 2, 11), "  one two\n  three\n  four\n");
        assert_eq!(wrap("unbreakablylongword x", 0, 5), "unbreakablylongword\nx\n");
        assert_eq!(wrap("", 4, 20), "\n");
    }
}
