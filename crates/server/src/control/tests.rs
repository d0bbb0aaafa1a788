//! Socket and lock, with a server behind them.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use serde_json::{Value, json};
use store::{Ledger, SqliteOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::*;
use crate::app::{App, Shared};
use crate::clock::SystemClock;
use crate::commands::{Command, Kind, NewPassword};
use crate::edge::Metrics;
use crate::entropy::{Entropy, Node};

struct Stage {
    config: Config,
    dir: tempfile::TempDir,
}

impl Stage {
    fn new() -> Stage {
        let dir = tempfile::tempdir().expect("a folder");
        let text = "issuer = \"http://127.0.0.1:8080\"";
        Stage { config: Config::parse(text, "test", dir.path(), []).expect("good"), dir }
    }

    fn app(&self) -> Shared {
        let ledger = Ledger::open_sqlite(&self.config.store.path, SqliteOptions::default()).expect("a store");
        let entropy = Arc::new(Entropy::new(Node::default()));
        let metrics = Arc::new(Metrics::new(""));
        App::new(self.config.clone(), ledger, Arc::new(SystemClock), entropy, metrics).expect("an app")
    }

    fn start(&self) -> (Control, Shared) {
        let lock = StoreLock::take(self.dir.path()).expect("free");
        let app = self.app();
        (Control::start(lock, app.clone()).expect("a socket"), app)
    }

    async fn raw(&self, request: &[u8]) -> Value {
        let mut stream = UnixStream::connect(self.dir.path().join("control.sock")).await.expect("connects");
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(request).await;
        let _ = stream.shutdown().await;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.expect("a reply");
        serde_json::from_str(&reply).expect("one line of JSON")
    }
}

fn add(username: &str) -> Command {
    Command::UserAdd { username: username.to_owned(), password: NewPassword::Generate, claims: serde_json::Map::new() }
}

#[tokio::test]
async fn commands_work_on_a_stopped_and_on_a_running_server() {
    let stage = Stage::new();
    perform(&stage.config, add("ada")).await.expect("stopped");
    let (control, app) = stage.start();
    perform(&stage.config, add("bob")).await.expect("running");
    assert!(app.ledger.user_by_name("bob").await.expect("store").is_some(), "the server knows at once");
    assert_eq!(perform(&stage.config, add("bob")).await.expect_err("taken").kind, Kind::Conflict);
    let many = (0..20).map(|_| perform(&stage.config, Command::UserList));
    for call in many.map(Box::pin).collect::<Vec<_>>() {
        assert_eq!(call.await.expect("a list").as_array().map(Vec::len), Some(2));
    }
    let lock = control.stop().await;
    assert!(!stage.dir.path().join("control.sock").exists());
    app.events.drained().await;
    app.ledger.close().await.expect("closes");
    drop(lock);
    assert_eq!(perform(&stage.config, Command::UserList).await.expect("stopped").as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn management_surface_exposure_the_socket_is_the_owners() {
    let stage = Stage::new();
    let (control, _app) = stage.start();
    let mode = std::fs::metadata(stage.dir.path().join("control.sock")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    control.stop().await;
}

#[tokio::test]
async fn a_socket_left_over_is_replaced_and_a_held_lock_is_told() {
    let stage = Stage::new();
    drop(std::os::unix::net::UnixListener::bind(stage.dir.path().join("control.sock")).expect("left over"));
    let (control, _app) = stage.start();
    assert!(perform(&stage.config, Command::Probe).await.is_ok());
    let Err(held) = StoreLock::take(stage.dir.path()) else { panic!("taken twice") };
    let error = held.explain(stage.dir.path());
    assert_eq!(error.kind, Kind::Unreachable);
    assert!(error.problem.contains(&format!("process {}", std::process::id())), "{error}");
    control.stop().await;
}

#[tokio::test]
async fn dos_expensive_input_a_bad_request_is_answered_and_bounded() {
    let stage = Stage::new();
    let (control, _app) = stage.start();
    for request in [&b"{}\n"[..], b"x\n", b"[1]\n", b"{\"command\":\"probe\"}", b"{\"command\":\"no-such\"}\n"] {
        assert_eq!(stage.raw(request).await["error"]["kind"], json!("invalid"));
    }
    let mut endless = UnixStream::connect(stage.dir.path().join("control.sock")).await.expect("connects");
    let written = async { while endless.write_all(&[b' '; 4096]).await.is_ok() {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), written).await.expect("cut off");
    assert!(stage.raw(b"{\"command\":\"probe\"}\n").await["ok"]["version"].is_string());
    control.stop().await;
}

#[tokio::test]
async fn a_deep_folder_has_a_socket_all_the_same() {
    let mut stage = Stage::new();
    let deep = stage.dir.path().join("d".repeat(60)).join("e".repeat(60));
    std::fs::create_dir_all(&deep).expect("folders");
    stage.config.store.path = deep.join("store.sqlite");
    let lock = StoreLock::take(&deep).expect("free");
    let control = Control::start(lock, stage.app()).expect("a socket");
    assert!(perform(&stage.config, Command::Probe).await.is_ok());
    control.stop().await;
}
