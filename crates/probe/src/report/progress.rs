//! Progress on the terminal: how far, what has got through so far, how long it may still take.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::run::Progress;
use crate::verdict::{CaseResult, Outcome};

/// Writes to standard error: one line that is rewritten on a terminal, else a line per tenth of the run, for logs.
#[derive(Debug)]
pub struct Terminal {
    began: Instant,
    /// Columns of the terminal; None if it is none.
    width: Option<usize>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    vulnerable: usize,
    /// Tenths that a log was told about.
    tenths: usize,
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
struct Now {
    done: usize,
    total: usize,
    vulnerable: usize,
    elapsed: Duration,
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

impl Terminal {
    /// Begins to count the time.
    #[must_use]
    pub fn new() -> Self {
        let width = io::stderr().is_terminal().then(crate::cli::width);
        Self { began: Instant::now(), width, state: Mutex::default() }
    }

    /// What to write now, if anything.
    fn text(&self, now: Now, case: &str) -> Option<String> {
        if let Some(width) = self.width {
            let last = if now.done == now.total { "\n" } else { "" };
            return Some(format!("\r\x1b[2K{}{last}", line(now, case, width)));
        }
        let tenth = now.done * 10 / now.total.max(1);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if tenth <= state.tenths {
            return None;
        }
        state.tenths = tenth;
        Some(format!("{}\n", status(now)))
    }
}

impl Progress for Terminal {
    fn ended(&self, done: usize, total: usize, case: &str, result: &CaseResult) {
        let vulnerable = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.vulnerable += usize::from(result.verdict == Outcome::Vulnerable);
            state.vulnerable
        };
        if let Some(text) = self.text(Now { done, total, vulnerable, elapsed: self.began.elapsed() }, case) {
            // A run does not end because nobody reads its progress.
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }
}

/// One line with a bar, cut to the width.
fn line(now: Now, case: &str, width: usize) -> String {
    const CELLS: usize = 20;
    let full = (CELLS * now.done).checked_div(now.total).unwrap_or(CELLS).min(CELLS);
    let text = format!("[{}{}] {}  {case}", "#".repeat(full), "-".repeat(CELLS - full), status(now));
    // One column less: a full line would wrap, and could not be rewritten.
    text.chars().take(width.saturating_sub(1)).collect()
}

fn status(now: Now) -> String {
    let percent = (100 * now.done).checked_div(now.total).unwrap_or(100);
    let mut text = format!("{percent} % ({} of {} cases)", now.done, now.total);
    if now.vulnerable > 0 {
        text += &format!(", {} vulnerable", now.vulnerable);
    }
    match left(now) {
        Some(left) => text + ", " + &words(left) + " left",
        None => text + ", in " + &words(now.elapsed),
    }
}

/// As long again for each case as it took so far. None at the end.
fn left(now: Now) -> Option<Duration> {
    let cases = now.total.checked_sub(now.done).filter(|left| *left > 0)?;
    let (cases, done) = (u32::try_from(cases).unwrap_or(u32::MAX), u32::try_from(now.done.max(1)).unwrap_or(u32::MAX));
    Some(now.elapsed.saturating_mul(cases) / done)
}

fn words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn now(done: usize, total: usize, vulnerable: usize, seconds: u64) -> Now {
        Now { done, total, vulnerable, elapsed: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_line_says_how_far_and_how_long() {
        assert_eq!(status(now(100, 400, 0, 30)), "25 % (100 of 400 cases), 1 min 30 s left");
        assert_eq!(status(now(400, 400, 2, 125)), "100 % (400 of 400 cases), 2 vulnerable, in 2 min 5 s");
        assert_eq!(
            line(now(1, 2, 0, 4), "mix-up/error", 200),
            "[##########----------] 50 % (1 of 2 cases), 4 s left  mix-up/error"
        );
        assert_eq!(line(now(1, 2, 0, 4), "mix-up/error", 20).len(), 19);
        assert_eq!(line(now(0, 0, 0, 0), "", 80), "[####################] 100 % (0 of 0 cases), in 0 s  ");
    }

    #[test]
    fn a_log_gets_a_line_per_tenth() {
        let log = Terminal { began: Instant::now(), width: None, state: Mutex::default() };
        let told: Vec<_> = (1..=40).filter_map(|done| log.text(now(done, 40, 0, 1), "a/b")).collect();
        assert_eq!(told.len(), 10);
        assert!(told[0].starts_with("10 % (4 of 40 cases)") && told[9].starts_with("100 % (40 of 40 cases)"));
    }

    #[test]
    fn a_terminal_gets_one_line_that_is_rewritten() {
        let terminal = Terminal { began: Instant::now(), width: Some(60), state: Mutex::default() };
        let told: String = (1..=3).filter_map(|done| terminal.text(now(done, 3, 0, 1), "a/b")).collect();
        assert_eq!((told.matches("\r\x1b[2K").count(), told.matches('\n').count()), (3, 1));
        assert!(told.ends_with('\n'));
    }
}
