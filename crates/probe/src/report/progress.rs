//! Progress on the terminal.

use crate::run::Progress;
use crate::verdict::CaseResult;

/// Says which case has ended.
#[derive(Debug, Default)]
pub struct Terminal;

impl Terminal {
    /// To standard error.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Progress for Terminal {
    fn ended(&self, done: usize, total: usize, case: &str, result: &CaseResult) {
        eprintln!("{done}/{total} {case}: {}", result.verdict);
    }
}
