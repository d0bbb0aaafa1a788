//! Why a command was not carried out: what is wrong, and what to do.

use std::fmt;

use protocol::registration::MetadataError;
use serde::{Deserialize, Serialize};
use store::StoreError;

use crate::entropy::EntropyFailed;
use crate::keys::KeyError;

/// What sort of failure it is, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something of that name is there already.
    Conflict,
    /// The machine or the store failed.
    Failed,
    /// The input breaks a rule.
    Invalid,
    /// There is no such thing.
    NotFound,
    /// Another process is in the way.
    Unreachable,
}

/// A command that was not carried out. Its texts name members and rules; no secret is in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandError {
    /// What sort of failure.
    pub kind: Kind,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub fix: String,
}

impl CommandError {
    /// Something of that name is there already.
    pub fn conflict(problem: impl Into<String>, fix: impl Into<String>) -> CommandError {
        CommandError { kind: Kind::Conflict, problem: problem.into(), fix: fix.into() }
    }

    /// The machine failed.
    pub fn failed(problem: impl Into<String>, fix: impl Into<String>) -> CommandError {
        CommandError { kind: Kind::Failed, problem: problem.into(), fix: fix.into() }
    }

    /// The input breaks a rule.
    pub fn invalid(problem: impl Into<String>, fix: impl Into<String>) -> CommandError {
        CommandError { kind: Kind::Invalid, problem: problem.into(), fix: fix.into() }
    }

    /// There is no such thing.
    pub fn not_found(problem: impl Into<String>, fix: impl Into<String>) -> CommandError {
        CommandError { kind: Kind::NotFound, problem: problem.into(), fix: fix.into() }
    }

    /// Another process is in the way.
    pub fn unreachable(problem: impl Into<String>, fix: impl Into<String>) -> CommandError {
        CommandError { kind: Kind::Unreachable, problem: problem.into(), fix: fix.into() }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  fix: {}", self.problem, self.fix)
    }
}

impl std::error::Error for CommandError {}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> CommandError {
        // Those texts say what to do after a semicolon.
        let text = error.to_string();
        match text.split_once("; ") {
            Some((problem, fix)) => CommandError::failed(problem, fix),
            None => CommandError::failed(text, "see `safeconduct doctor`"),
        }
    }
}

impl From<KeyError> for CommandError {
    fn from(error: KeyError) -> CommandError {
        CommandError::failed(error.to_string(), "put the key folder right; `safeconduct doctor` looks at it")
    }
}

impl From<EntropyFailed> for CommandError {
    fn from(error: EntropyFailed) -> CommandError {
        CommandError::failed(error.to_string(), "nothing can be made without it: look at the machine's log")
    }
}

impl From<MetadataError> for CommandError {
    fn from(error: MetadataError) -> CommandError {
        CommandError::invalid(
            error.to_string(),
            format!("change `{}` and run the command again; nothing was registered", error.member()),
        )
    }
}
