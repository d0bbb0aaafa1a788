//! Commands where no server runs.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::{Home, run};
use serde_json::json;

const ROBOT: &str = r#"{"client_id": "robot", "client_name": "Robot", "redirect_uris": ["https://robot.example/cb"]}"#;

#[test]
fn init_makes_a_private_folder_and_overwrites_nothing() {
    let home = Home::new();
    let mode = |name: &str| fs::metadata(home.data().join(name)).expect("there").permissions().mode() & 0o777;
    assert_eq!([mode(""), mode("keys"), mode("safeconduct.toml"), mode("store.sqlite")], [0o700, 0o700, 0o600, 0o600]);
    let before = fs::read(&home.config).expect("there");
    let dir = home.data().display().to_string();
    let again = run(&["init", "--dir", &dir, "--issuer", "https://other.example"], "");
    assert!(again.failure().contains("safeconduct.toml is there already"), "{}", again.err);
    assert_eq!(fs::read(&home.config).expect("there"), before);
    fs::remove_file(&home.config).expect("removed");
    let again = run(&["init", "--dir", &dir, "--issuer", "https://other.example"], "");
    assert!(again.failure().contains("store.sqlite is there already"), "{}", again.err);
    assert!(!home.config.exists(), "nothing half-written");
}

#[test]
fn init_refuses_what_serve_would_refuse() {
    let dir = tempfile::tempdir().expect("a folder");
    let target = dir.path().join("data").display().to_string();
    for (args, says) in [
        (&["--issuer", "http://login.example.org"][..], "plain http"),
        (&["--issuer", "https://login.example.org/"], "ends in a slash"),
        (&["--issuer", "login.example.org"], "--issuer"),
        (&["--issuer", "https://login.example.org", "--listen", "0.0.0.0:443"], "server.listen"),
        (&["--issuer", "https://login.example.org", "--admin-listen", "0.0.0.0:9"], "server.admin_listen"),
    ] {
        let done = run(&[&["init", "--dir", &target][..], args].concat(), "");
        assert!(done.failure().contains(says) && done.err.contains("fix: "), "{}", done.err);
        assert!(!dir.path().join("data").exists(), "nothing half-written");
    }
}

#[test]
fn clients_are_added_shown_and_removed() {
    let home = Home::new();
    let added = home.run(&["client", "add", "--json", "-"], ROBOT).json();
    assert!(added["client_secret"].as_str().expect("a secret").starts_with("sc_cs."));
    let rolled = home.run(&["client", "roll-secret", "robot", "--overlap", "60", "--json"], "").json();
    assert_ne!(added["client_secret"], rolled["client_secret"]);
    let listed = home.run(&["client", "list", "--json"], "").json();
    assert_eq!(listed[0]["client_id"], "robot");
    for args in [&["client", "list"][..], &["client", "show", "robot"], &["client", "list", "--json"]] {
        let out = home.run(args, "").out;
        assert!(out.contains("robot") && !out.contains("sc_cs."), "secrets_in_logs_and_errors: {out}");
    }
    assert_eq!(home.run(&["client", "disable", "robot", "--json"], "").json()["disabled"], true);
    assert_eq!(home.run(&["client", "enable", "robot", "--json"], "").json()["disabled"], false);
    assert_eq!(home.run(&["client", "remove", "robot", "--json"], "").json()["removed"], true);
    assert!(home.run(&["client", "show", "robot"], "").failure().contains("client_id robot is not registered"));
    assert!(home.run(&["client", "list"], "").out.contains("client new"), "an empty list tells what to do");
}

#[test]
fn bad_client_metadata_is_refused_by_member() {
    let home = Home::new();
    for (metadata, says) in [
        ("", "client metadata is not a JSON object"),
        (r#"{"client_nam": "Robot"}"#, "client_nam is not a member"),
        (r#"{"redirect_uris": ["http://robot.example/cb"]}"#, "redirect_uris may use http only"),
        (r#"{"redirect_uris": ["https://robot.example/cb"], "scope": "mail:read"}"#, "scope names a scope"),
        (r#"{"grant_types": ["password"]}"#, "grant_types[0] has a value"),
    ] {
        let done = home.run(&["client", "add"], metadata);
        assert!(done.failure().contains(says) && done.err.contains("fix: "), "{}", done.err);
        assert!(done.out.is_empty());
    }
    let missing = home.run(&["client", "add", "/no/such/file.json"], "");
    assert!(missing.failure().contains("/no/such/file.json"));
    assert_eq!(home.run(&["client", "list", "--json"], "").json(), json!([]));
}

#[test]
fn the_dialogue_registers_from_a_pipe() {
    let home = Home::new();
    let done = home.run(&["client", "new", "--json"], "no\nyes\nNightly report\n\nyes\n");
    let client = done.json();
    assert_eq!(client["grant_types"], json!(["client_credentials"]));
    assert_eq!(client["client_name"], "Nightly report");
    assert!(done.err.contains("client credentials"), "it tells why: {}", done.err);
    let refused = home.run(&["client", "new"], "yes\nno\n");
    assert!(refused.err.contains("RFC 8628") && !refused.status.success());
    assert!(home.run(&["client", "new"], "yes\n").err.contains("the answers ended"));
    assert!(home.run(&["client", "new"], &"maybe\n".repeat(50)).err.contains("yes or no"));
    assert_eq!(home.run(&["client", "list", "--json"], "").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn accounts_are_made_from_standard_input_and_a_claims_file() {
    let home = Home::new();
    let claims = home.dir.path().join("ada.json");
    fs::write(&claims, r#"{"name": "Ada Lovelace", "email": "ada@example.org"}"#).expect("written");
    let claims = claims.display().to_string();
    let args = ["user", "add", "ada", "--claims", &claims, "--json"];
    let added = home.run(&args, "otters walk home at seven\n").json();
    assert!(added["subject"].as_str().expect("a subject").starts_with("u_") && added.get("password").is_none());
    assert!(home.run(&args, "otters walk home at seven\n").failure().contains("username ada has an account"));
    let generated = home.run(&["user", "set-password", "ada", "--generate", "--json"], "").json();
    assert_eq!(generated["password"].as_str().map(str::len), Some(19));
    let listed = home.run(&["user", "list", "--json"], "").json();
    assert_eq!(listed[0]["claims"]["name"], "Ada Lovelace");
    assert_eq!(home.run(&["user", "lock", "ada", "--json"], "").json()["status"], "locked");
    assert_eq!(home.run(&["user", "unlock", "ada", "--json"], "").json()["status"], "active");
    assert!(home.run(&["user", "remove", "ada"], "").status.success());
    assert!(home.run(&["user", "lock", "ada"], "").failure().contains("username ada has no account"));
}

#[test]
fn bad_accounts_are_refused_by_name() {
    let home = Home::new();
    let claims = home.dir.path().join("claims.json");
    let claims_text = claims.display().to_string();
    for (content, says) in [
        (r#"{"role": "admin"}"#, "claim role"),
        (r#"{"email": 1}"#, "claim email"),
        ("[]", "JSON object"),
        ("{", "is not JSON"),
    ] {
        fs::write(&claims, content).expect("written");
        let done = home.run(&["user", "add", "ada", "--generate", "--claims", &claims_text], "");
        assert!(done.failure().contains(says), "{}", done.err);
    }
    assert!(home.run(&["user", "add", "a da", "--generate"], "").failure().contains("username"));
    let weak = home.run(&["user", "add", "ada"], "hunter2hunter2\nx");
    assert!(weak.err.contains("password") && !weak.err.contains("hunter2"), "secrets_in_logs_and_errors: {}", weak.err);
    assert!(home.run(&["user", "add", "ada"], "").failure().contains("holds no password"));
    assert_eq!(home.run(&["user", "list", "--json"], "").json(), json!([]));
}

#[test]
fn keys_rotate_and_are_discarded() {
    let home = Home::new();
    let first = home.run(&["keys", "list", "--json"], "").json();
    assert_eq!(first[0]["state"], "active");
    assert_eq!(home.run(&["keys", "rotate", "--json"], "").json()[0]["alg"], "ES256");
    home.run(&["keys", "rotate", "--alg", "EdDSA", "--now", "--json"], "").json();
    assert_eq!(home.run(&["keys", "list", "--json"], "").json().as_array().map(Vec::len), Some(3));
    let kid = first[0]["kid"].as_str().expect("a kid");
    assert!(home.run(&["keys", "discard", kid], "").status.success());
    assert!(home.run(&["keys", "discard", kid], "").failure().contains(kid));
}

#[test]
fn the_configuration_is_checked_and_explained() {
    let home = Home::new();
    assert_eq!(home.run(&["config", "check", "--json"], "").json()["ok"], true);
    let text = fs::read_to_string(&home.config).expect("there");
    fs::write(&home.config, text.replace("[server]", "[server]\nlisten_on = 1")).expect("written");
    let done = home.run(&["config", "check"], "");
    assert!(done.failure().contains("server.listen_on") && done.err.contains("safeconduct.toml:"), "{}", done.err);
    let done = home.run(&["config", "check", "--json"], "");
    assert!(!done.status.success() && done.out.contains("\"ok\":false"), "{}", done.out);
    assert!(home.run(&["client", "list"], "").failure().contains("server.listen_on"));
    assert!(run(&["serve", "--config", "/no/such.toml"], "").failure().contains("/no/such.toml"));
    let schema = run(&["config", "schema"], "").out;
    assert!(serde_json::from_str::<serde_json::Value>(&schema).expect("JSON")["properties"]["issuer"].is_object());
    assert!(run(&["config", "reference"], "").out.contains("`issuer`"));
}

#[test]
fn doctor_finds_open_files_and_weak_clients() {
    let home = Home::new();
    let healthy = home.run(&["doctor", "--json"], "").json();
    assert_eq!(healthy["errors"], 0);
    let weak = r#"{"redirect_uris": ["https://robot.example/cb"], "danger_allow_missing_pkce": true}"#;
    home.run(&["client", "add", "--json"], weak).json();
    fs::set_permissions(home.data().join("store.sqlite"), fs::Permissions::from_mode(0o644)).expect("chmod");
    let done = home.run(&["doctor"], "");
    assert_eq!(done.status.code(), Some(1));
    for says in ["store.sqlite", "chmod 600", "danger_allow_missing_pkce", "client_name", "fix: "] {
        assert!(done.out.contains(says), "{says}: {}", done.out);
    }
    fs::remove_file(home.data().join("store.sqlite")).expect("removed");
    assert!(home.run(&["doctor"], "").out.contains("there is no store"));
    assert!(!home.data().join("store.sqlite").exists(), "doctor makes nothing");
    fs::write(&home.config, "issuer = 1").expect("written");
    assert!(home.run(&["doctor", "--json"], "").out.contains("\"check\":\"config\""));
}

#[test]
fn a_backup_is_a_new_private_file() {
    let home = Home::new();
    home.run(&["client", "add", "--json"], ROBOT).json();
    let copy = home.dir.path().join("copy.sqlite");
    let copy_text = copy.display().to_string();
    home.run(&["backup", &copy_text, "--json"], "").json();
    assert_eq!(fs::metadata(&copy).expect("there").permissions().mode() & 0o777, 0o600);
    assert!(home.run(&["backup", &copy_text], "").failure().contains("exists already"));
    fs::copy(&copy, home.data().join("store.sqlite")).expect("restored");
    assert_eq!(home.run(&["client", "list", "--json"], "").json()[0]["client_id"], "robot");
}
