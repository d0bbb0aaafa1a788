//! Runs the real binary.

#![allow(dead_code)] // each test file uses a part

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

/// What a command left behind.
pub struct Done {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Done {
    /// Its answer; the command must have succeeded.
    pub fn json(&self) -> Value {
        assert!(self.status.success(), "{}", self.err);
        assert_eq!(self.out.trim_end().lines().count(), 1, "one line: {}", self.out);
        serde_json::from_str(&self.out).expect("JSON")
    }

    /// Its message; the command must have failed, with nothing on standard output.
    pub fn failure(&self) -> &str {
        assert!(!self.status.success(), "succeeded: {}", self.out);
        assert!(self.err.starts_with("error: "), "{}", self.err);
        &self.err
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_safeconduct"));
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(args: &[&str], stdin: &str) -> Done {
    run_with(args, stdin, &[])
}

pub fn run_with(args: &[&str], stdin: &str, environment: &[(&str, &str)]) -> Done {
    let mut child = command().args(args).envs(environment.iter().copied()).spawn().expect("starts");
    // A command that does not read has closed its end.
    let _ = child.stdin.take().expect("piped").write_all(stdin.as_bytes());
    let done = child.wait_with_output().expect("ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Done { status: done.status, out: text(done.stdout), err: text(done.stderr) }
}

/// A data folder made by `init`.
pub struct Home {
    pub dir: tempfile::TempDir,
    pub config: PathBuf,
}

impl Home {
    pub fn new() -> Home {
        Home::at("http://127.0.0.1")
    }

    /// With an issuer of this scheme and host, and the port on which it listens.
    pub fn at(host: &str) -> Home {
        let dir = tempfile::tempdir().expect("a folder");
        let home = dir.path().join("data");
        let [port, admin] = free_ports();
        let issuer = format!("{host}:{port}");
        let (listen, admin) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{admin}"));
        let dir_text = home.display().to_string();
        let made = run(
            &["init", "--dir", &dir_text, "--issuer", &issuer, "--listen", &listen, "--admin-listen", &admin, "--json"],
            "",
        );
        assert_eq!(made.json()["issuer"], issuer);
        Home { config: home.join("safeconduct.toml"), dir }
    }

    pub fn data(&self) -> &Path {
        self.config.parent().expect("a folder")
    }

    /// Runs a command on this configuration.
    pub fn run(&self, args: &[&str], stdin: &str) -> Done {
        let config = self.config.display().to_string();
        run(&[args, &["--config", &config]].concat(), stdin)
    }

    pub fn serve(&self) -> Server {
        let config = self.config.display().to_string();
        let child = command().args(["serve", "--config", &config]).spawn().expect("starts");
        let mut server = Server { child, out: None };
        let deadline = Instant::now() + PATIENCE;
        while !self.data().join("control.sock").exists() || !self.run(&["client", "list"], "").status.success() {
            assert!(Instant::now() < deadline, "not ready: {}", server.errors());
            assert!(server.child.try_wait().expect("asks").is_none(), "ended: {}", server.errors());
        }
        server
    }
}

/// A server process, ended with the test.
pub struct Server {
    child: Child,
    out: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts something that prints a line of JSON when it is ready.
    pub fn ready(args: &[&str]) -> (Server, Value) {
        let mut child = command().args(args).spawn().expect("starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let mut server = Server { child, out: Some(out) };
        if line.is_empty() {
            panic!("no line: {}", server.errors());
        }
        (server, serde_json::from_str(&line).expect("JSON"))
    }

    /// The next line of its standard output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.as_mut().expect("piped").read_line(&mut line).expect("a line");
        line
    }

    fn errors(&mut self) -> String {
        let _ = self.child.kill();
        let mut text = String::new();
        let _ = self.child.stderr.take().map(|mut err| err.read_to_string(&mut text));
        text
    }

    /// Asks it to stop; answers how it ended and what else it printed on standard output.
    pub fn stop(mut self) -> (ExitStatus, String) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(sent.success());
        let mut rest = String::new();
        if let Some(out) = &mut self.out {
            out.read_to_string(&mut rest).expect("text");
        }
        (self.child.wait().expect("ends"), rest)
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("kills");
        self.child.wait().expect("ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_ports() -> [u16; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    held.map(|socket| socket.local_addr().expect("an address").port())
}
