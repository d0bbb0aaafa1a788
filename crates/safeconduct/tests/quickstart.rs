//! The first thing that a newcomer runs.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;

use common::{Server, run};
use serde_json::Value;

fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(authority).expect("connects");
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n").expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answers");
    answer
}

fn start(dir: &str, more: &[&str]) -> (Server, Value) {
    Server::ready(&[&["quickstart", "--json", "--dir", dir][..], more].concat())
}

#[test]
fn one_line_tells_everything_and_the_world_stays_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().join("demo");
    let home = home.to_str().expect("text");
    let (server, world) = start(home, &["--listen", "127.0.0.1:0"]);
    assert_eq!(world["user"]["username"], "ada");
    assert!(world["user"]["password"].as_str().expect("told once").len() >= 16);
    let text = |member: &str| world[member].as_str().unwrap_or_else(|| panic!("{member}")).to_owned();
    assert!(get(&format!("{}/.well-known/openid-configuration", text("issuer"))).contains(&text("issuer")));
    assert!(get(&text("robot_url")).contains("Connect my mailbox"));
    assert!(get(&format!("{}/messages", text("mailbox_url"))).starts_with("HTTP/1.1 401"));
    assert!(get(&format!("{}/health", text("admin_url"))).starts_with("HTTP/1.1 200"));
    assert!(fs::metadata(text("config")).is_ok());
    let clients = world["clients"].as_array().expect("a list");
    let ids: Vec<&str> = clients.iter().filter_map(|client| client["client_id"].as_str()).collect();
    assert_eq!(ids, ["mail-robot", "native-app", "mail-api", "batch-job", "batch-key"]);
    for client in clients {
        let secret = client["token_endpoint_auth_method"] == "client_secret_basic";
        assert_eq!(client["client_secret"].is_string(), secret, "{client}");
    }
    for name in ["quickstart.json", "quickstart.env", "batch-key.jwk", "safeconduct.toml", "store.sqlite"] {
        let mode = fs::metadata(format!("{home}/{name}")).expect(name).permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    let (status, rest) = server.stop();
    assert!(status.success() && rest.is_empty(), "exactly one line: {rest}");

    let (server, again) = start(home, &["--listen", "127.0.0.1:0"]);
    assert!(again["user"]["password"].is_null() && again["user"]["username"] == "ada");
    for member in ["issuer", "robot_url", "mailbox_url", "admin_url", "clients", "config"] {
        assert_eq!(again[member], world[member], "{member}");
    }
    let second = run(&["quickstart", "--dir", home], "");
    assert!(second.failure().contains("runs on the store"), "{}", second.err);
    server.stop();
    let store = fs::read(format!("{home}/store.sqlite")).expect("there");
    let secret = clients[0]["client_secret"].as_str().expect("a secret");
    let secret = secret.rsplit('.').next().expect("its secret part").as_bytes();
    assert!(!store.windows(secret.len()).any(|window| window == secret), "client_secret_from_as_database");
    let other = run(&["quickstart", "--dir", home, "--listen", "127.0.0.1:1"], "");
    assert!(other.failure().contains("--listen"), "{}", other.err);
}

#[test]
fn a_first_start_that_broke_off_is_begun_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().to_str().expect("text");
    let (server, world) = start(home, &["--listen", "127.0.0.1:0"]);
    server.stop();
    let path = dir.path().join("quickstart.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&path).expect("there")).expect("JSON");
    state["clients"] = Value::Array(vec![]);
    fs::write(&path, state.to_string()).expect("written");
    let (server, again) = start(home, &[]);
    assert!(again["user"]["password"].is_string() && again["user"] != world["user"]);
    assert_eq!(again["clients"].as_array().map(Vec::len), Some(5));
    assert_ne!(again["clients"][0]["client_secret"], world["clients"][0]["client_secret"]);
    server.stop();
}

#[test]
fn what_cannot_work_is_refused_with_a_way_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().join("demo");
    let home = home.to_str().expect("text");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    for (listen, says) in [
        (taken.as_str(), "cannot listen on"),
        ("0.0.0.0:8080", "not a loopback address"),
        ("127.0.0.1:65534", "three more ports"),
    ] {
        let done = run(&["quickstart", "--json", "--dir", home, "--listen", listen], "");
        assert!(done.failure().contains(says) && done.err.contains("--listen"), "{}", done.err);
        assert!(done.out.is_empty());
    }
    fs::create_dir_all(home).expect("a folder");
    fs::write(format!("{home}/safeconduct.toml"), "issuer = \"https://login.example.org\"").expect("written");
    let done = run(&["quickstart", "--dir", home], "");
    assert!(done.failure().contains("quickstart did not make"), "{}", done.err);
    let written: Vec<_> = fs::read_dir(home).expect("there").flatten().map(|entry| entry.file_name()).collect();
    assert!(!written.iter().any(|name| name == "quickstart.json"), "nothing half-written: {written:?}");
}
