//! `client new`: asks, tells why, registers.

mod dialogue;

use std::io::BufRead;
use std::process::ExitCode;

use anyhow::{Result, bail};
use server::commands::Command;

use crate::client::Plain;
use crate::output::wrap;
use dialogue::{Dialogue, Turn};

/// So often a question is asked again before the dialogue gives up: a pipe with wrong answers must end.
const PATIENCE: u32 = 5;

/// Questions go to standard error, the registered client to standard output.
pub async fn run(plain: Plain) -> Result<ExitCode> {
    let config = plain.config.load()?;
    let scopes = config.resource.iter().flat_map(|resource| resource.scopes.keys());
    let mut dialogue = Dialogue::new(scopes.map(|scope| scope.as_str().to_owned()).collect());
    let mut lines = std::io::stdin().lock().lines();
    let mut refused = 0;
    let metadata = loop {
        eprintln!("\n{}", wrap(&dialogue.question()));
        eprint!("> ");
        let Some(line) = lines.next().transpose()? else {
            bail!("the answers ended before the questions\n  fix: answer all of them; nothing was registered");
        };
        match dialogue.answer(&line) {
            Ok(Turn::Ask { note }) => {
                refused = 0;
                if !note.is_empty() {
                    eprintln!("{}", wrap(&note));
                }
            }
            Ok(Turn::Register(metadata)) => break metadata,
            Ok(Turn::Stop(why)) => bail!("nothing was registered\n{}", wrap(&format!("  {why}"))),
            Err(wrong) if refused < PATIENCE => {
                refused += 1;
                eprintln!("{wrong}");
            }
            Err(wrong) => bail!("{wrong}\n  fix: start again; nothing was registered"),
        }
    };
    drop(lines);
    let client = plain.config.perform(Command::ClientAdd { metadata }).await?;
    eprintln!("\nRegistered. If there is a client_secret below, it is shown this once.\n");
    plain.output.document(&client)
}
