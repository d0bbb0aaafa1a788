//! Children of the comparison: started on a core, told to stop by the end of their standard input.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

/// A child that serves until it is dropped.
pub struct Child {
    process: Process,
    output: BufReader<std::process::ChildStdout>,
    log: Option<PathBuf>,
}

impl Child {
    /// Starts this program again, with `arguments`, on `core` if one is given. What it logs goes into `log`, if there is one.
    pub fn start(arguments: &[&str], core: Option<u32>, log: Option<PathBuf>) -> Result<Child> {
        let program = std::env::current_exe().context("this program has no path")?;
        let mut command = match core {
            // taskset becomes the program, so the child's id is that of the program.
            Some(core) => {
                let mut taskset = Command::new("taskset");
                taskset.args(["--cpu-list", &core.to_string()]).arg(program);
                taskset
            }
            None => Command::new(program),
        };
        if let Some(log) = &log {
            command.stderr(File::create(log)?);
        }
        let mut process = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a child")?;
        let output = BufReader::new(process.stdout.take().context("no standard output")?);
        Ok(Child { process, output, log })
    }

    /// Starts the server in `dir`, which it makes.
    pub fn serving(dir: &Path, core: Option<u32>) -> Result<Child> {
        std::fs::create_dir_all(dir)?;
        let name = dir.to_str().context("the folder's name is not UTF-8")?;
        Child::start(&["--serve", name], core, Some(dir.join("log")))
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Reads one line of JSON from it.
    pub fn read<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        if line.is_empty() {
            let log = self.log.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
            bail!("a child ended before it answered\n{log}");
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// Writes one line of JSON to it.
    pub fn write(&mut self, value: &impl Serialize) -> Result<()> {
        let input = self.process.stdin.as_mut().context("no standard input")?;
        serde_json::to_writer(&mut *input, value)?;
        input.write_all(b"\n")?;
        Ok(())
    }

    /// Tells it that nothing more will be written.
    pub fn end_of_input(&mut self) {
        drop(self.process.stdin.take());
    }

    /// Lets it end in order.
    pub fn stop(mut self) -> Result<()> {
        self.end_of_input();
        if !self.process.wait()?.success() {
            bail!("a child failed");
        }
        Ok(())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end_of_input();
        let _ = self.process.wait();
    }
}

/// Tells the parent one line of JSON.
pub fn say(value: &impl Serialize) -> Result<()> {
    let mut output = std::io::stdout().lock();
    serde_json::to_writer(&mut output, value)?;
    output.write_all(b"\n")?;
    Ok(output.flush()?)
}

/// Done when the parent closes our standard input, or is gone.
pub fn told_to_stop() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = tell.send(());
    });
    told
}
