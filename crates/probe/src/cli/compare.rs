//! `safeconduct-probe compare`: what changed between two runs.

use std::path::PathBuf;
use std::process::ExitCode;

use super::say;
use crate::report::{compare, json};

/// What `compare` was asked for.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// report.json of the earlier run.
    pub before: PathBuf,
    /// report.json of the later run.
    pub after: PathBuf,
}

/// Prints the changes, and returns the exit code: 1 when something got worse, else 0.
///
/// # Errors
/// A report that cannot be read.
pub fn main(args: &CompareArgs) -> Result<ExitCode, String> {
    let (before, after) = (json::read(&args.before)?, json::read(&args.after)?);
    let changes = compare::changes(&before, &after);
    say(&compare::text(&before, &after, &changes));
    let worse = changes.iter().any(|change| change.kind.is_worse());
    Ok(if worse { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::verdict::Outcome;

    #[test]
    fn the_exit_code_says_whether_it_got_worse() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let mut report = sample::report();
        json::write(&report, &path("a.json")).expect("written");
        report.threats.get_mut("code-injection").expect("in the sample").cases[0].verdict = Outcome::Vulnerable;
        json::write(&report, &path("b.json")).expect("written");
        let code = |before: &str, after: &str| main(&CompareArgs { before: path(before), after: path(after) });
        assert_eq!(code("a.json", "a.json"), Ok(ExitCode::SUCCESS));
        assert_eq!(code("a.json", "b.json"), Ok(ExitCode::from(1)));
        assert_eq!(code("b.json", "a.json"), Ok(ExitCode::SUCCESS));
        assert!(code("a.json", "none.json").is_err());
    }
}
