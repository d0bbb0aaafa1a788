//! `lab`: hands over to the lab's own program, `safeconduct-lab`, which lies beside this one.
//!
//! The lab holds servers that are weak on purpose. This program must not even hold them, so it does not.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

/// Its name. It is looked for in this program's own folder and nowhere else.
const PROGRAM: &str = "safeconduct-lab";

#[derive(Args)]
#[command(
    after_help = "Example:\n  safeconduct lab\n\nExample: for a script, on a free port\n  safeconduct lab --json --listen \
                        127.0.0.1:0\n\nExample: one of the three robots as a program of its own\n  safeconduct lab robot \
                        malicious --help\n\nThe lab is a program of its own, safeconduct-lab, in the folder of this one: it \
                        holds servers that are weak on purpose, and this program does not."
)]
pub struct Lab {
    /// What to tell the lab: --listen ADDRESS:PORT, --json, or a command such as robot.
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub fn run(args: Lab) -> Result<ExitCode> {
    let own = std::env::current_exe().context("this program's own path cannot be told")?;
    let program = own.with_file_name(PROGRAM);
    if !program.is_file() {
        bail!("there is no {}\n  fix: cargo build -p lab --bin {PROGRAM}", program.display());
    }
    // Returns only if it did not work.
    let error = Command::new(&program).args(args.arguments).exec();
    Err(error).with_context(|| program.display().to_string())
}
