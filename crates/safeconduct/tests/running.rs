//! Commands beside a server that runs.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use common::{Home, Server};
use serde_json::Value;

const JOB: &str = r#"{"client_id": "job", "client_name": "Job", "grant_types": ["client_credentials"]}"#;

/// One POST of a form, with Basic authentication left to the caller.
fn post(issuer: &str, path: &str, form: &str) -> (u16, String) {
    let authority = issuer.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).expect("connects");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answers");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer)
}

fn issuer(home: &Home) -> String {
    home.run(&["config", "check", "--json"], "").json()["issuer"].as_str().expect("an issuer").to_owned()
}

#[test]
fn a_running_server_acts_on_a_change_at_once() {
    let home = Home::new();
    let server = home.serve();
    let issuer = issuer(&home);
    let metadata = JOB.replace(
        "\"client_credentials\"]",
        "\"client_credentials\"], \"token_endpoint_auth_method\": \"client_secret_post\"",
    );
    let added = home.run(&["client", "add", "--json"], &metadata).json();
    let secret = added["client_secret"].as_str().expect("a secret");
    let form = |secret: &str| format!("grant_type=client_credentials&client_id=job&client_secret={secret}");
    assert_eq!(post(&issuer, "/token", &form(secret)).0, 200);
    let rolled = home.run(&["client", "roll-secret", "job", "--json"], "").json();
    assert_eq!(post(&issuer, "/token", &form(secret)).0, 401, "the old secret has ended");
    let secret = rolled["client_secret"].as_str().expect("a secret");
    assert_eq!(post(&issuer, "/token", &form(secret)).0, 200);
    home.run(&["client", "disable", "job", "--json"], "").json();
    assert_eq!(post(&issuer, "/token", &form(secret)).0, 401, "it is off");
    home.run(&["client", "enable", "job", "--json"], "").json();
    assert_eq!(post(&issuer, "/token", &form(secret)).0, 200);
    let (status, _) = server.stop();
    assert!(status.success(), "a graceful stop");
    assert_eq!(home.run(&["client", "list", "--json"], "").json()[0]["client_id"], "job", "kept");
}

#[test]
fn only_one_server_has_the_store() {
    let home = Home::new();
    let server = home.serve();
    let second = home.run(&["serve"], "");
    assert!(second.failure().contains("runs on the store"), "{}", second.err);
    assert!(second.err.contains("fix: "));
    server.kill();
    assert!(home.data().join("control.sock").exists(), "left over");
    assert!(home.run(&["client", "list"], "").status.success(), "a socket left over is in nobody's way");
    let again = home.serve();
    assert!(home.run(&["user", "add", "ada", "--generate"], "").status.success());
    again.stop();
}

#[test]
fn commands_at_the_same_time_all_succeed() {
    let home = Home::new();
    let server = home.serve();
    thread::scope(|scope| {
        for number in 0..8 {
            let home = &home;
            scope.spawn(move || {
                let name = format!("user{number}");
                home.run(&["user", "add", &name, "--generate", "--json"], "").json();
            });
        }
    });
    assert_eq!(home.run(&["user", "list", "--json"], "").json().as_array().map(Vec::len), Some(8));
    server.stop();
    thread::scope(|scope| {
        for number in 0..4 {
            let home = &home;
            scope.spawn(move || {
                let name = format!("user{number}");
                home.run(&["user", "remove", &name, "--json"], "").json();
            });
        }
    });
    assert_eq!(home.run(&["user", "list", "--json"], "").json().as_array().map(Vec::len), Some(4));
}

#[test]
fn events_are_told_as_they_happen_and_across_restarts() {
    let home = Home::new();
    home.run(&["client", "add", "--json"], JOB).json();
    let lines = home.run(&["events", "tail", "--json"], "").out;
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let last = events.last().expect("an event");
    assert_eq!((&last["signal"], &last["client_id"]), (&"client-changed".into(), &"job".into()));
    assert_eq!(home.run(&["events", "tail", "--json", "-n", "1"], "").out.lines().count(), 1);
    assert_eq!(home.run(&["events", "tail", "--json", "--since", "1h"], "").out.lines().count(), events.len());
    assert_eq!(home.run(&["events", "tail", "--since", "2999-01-01T00:00:00Z"], "").out, "");

    let config = home.config.display().to_string();
    let args = ["events", "tail", "--json", "--follow", "-n", "1", "--config", &config];
    let (mut tail, first) = Server::ready(&args);
    assert_eq!(first["id"], last["id"]);
    for round in 0..2 {
        let server = home.serve();
        home.run(&["user", "add", &format!("ada{round}"), "--generate"], "");
        let event: Value = serde_json::from_str(&tail.line()).expect("JSON");
        assert_eq!(event["signal"], "user-changed");
        server.stop();
    }
    thread::sleep(Duration::from_millis(400));
    let (status, rest) = tail.stop();
    assert!(status.success() && rest.is_empty(), "{rest}");
}

#[test]
fn doctor_and_backup_work_beside_a_server() {
    let home = Home::new();
    let server = home.serve();
    let report = home.run(&["doctor", "--json"], "").json();
    assert_eq!(report["errors"], 0, "{report}");
    assert!(!report.to_string().contains("stopped"), "the issuer was reached: {report}");
    let copy = home.dir.path().join("copy.sqlite");
    home.run(&["backup", &copy.display().to_string(), "--json"], "").json();
    assert!(copy.exists());
    server.stop();
}
