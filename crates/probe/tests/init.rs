//! `safeconduct-probe init` against small servers: with registration, without, and with registration that is picky.

mod support;

use std::process::Output;

use serde_json::{Value, json};
use support::{Request, with};
use tokio::process::Command;

fn metadata(origin: &str, registers: Registers) -> String {
    let mut metadata = json!({
        "issuer": origin, "authorization_endpoint": format!("{origin}/auth"), "token_endpoint": format!("{origin}/token"),
        "userinfo_endpoint": format!("{origin}/me"), "introspection_endpoint": format!("{origin}/token/introspection"),
        "jwks_uri": "https://keys.example/jwks", "scopes_supported": ["openid", "mail:read"],
        "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
    });
    if registers != Registers::Nobody {
        metadata["registration_endpoint"] = format!("{origin}/reg").into();
    }
    metadata.to_string()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Registers {
    /// All who ask.
    All,
    /// Who has the token, and no public clients.
    Picky,
    /// There is no such endpoint.
    Nobody,
}

fn answer(request: &Request, registers: Registers) -> String {
    let created = |body: Value| with("201 Created", "content-type: application/json\r\n", &body.to_string());
    let origin = format!("http://{}", request.headers["host"]);
    match request.path.as_str() {
        "/.well-known/openid-configuration" => support::json(&metadata(&origin, registers)),
        "/reg" => {
            let wish: Value = serde_json::from_str(&request.body).unwrap_or_default();
            let public = wish["token_endpoint_auth_method"] == "none";
            let known = request.headers.get("authorization").is_some_and(|value| value == "Bearer t0");
            match registers {
                Registers::Picky if !known => with("401 Unauthorized", "", r#"{"error":"invalid_token"}"#),
                Registers::Picky if public => with(
                    "400 Bad Request",
                    "",
                    "{\"error\":\"invalid_client_metadata\",\"error_description\":\"no\\nclient_id = 1\"}",
                ),
                _ if public => created(json!({ "client_id": "p" })),
                _ => created(json!({
                    "client_id": format!("id of {}", wish["client_name"].as_str().unwrap_or_default()), "client_secret": "s3cret",
                    "token_endpoint_auth_method": "client_secret_post", "scope": "openid",
                    "registration_client_uri": format!("{origin}/reg/1"), "registration_access_token": "rat",
                })),
            }
        }
        _ => with("404 Not Found", "", ""),
    }
}

async fn server(registers: Registers) -> String {
    support::serve(move |request| answer(request, registers)).await
}

async fn init(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_safeconduct-probe"));
    command
        .arg("init")
        .args(arguments)
        .env_remove("PROBE_INITIAL_ACCESS_TOKEN")
        .output()
        .await
        .expect("the program starts")
}

/// The printed file through the program's own eyes, and what else was said.
fn read(output: &Output) -> (probe::target::Target, String) {
    let (text, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("target.toml");
    std::fs::write(&file, text.as_bytes()).expect("written");
    (probe::target::Target::read(&file).unwrap_or_else(|problem| panic!("{problem}\n{text}")), said)
}

#[tokio::test]
async fn clients_are_registered_where_that_is_offered() {
    let origin = server(Registers::All).await;
    let (target, said) = read(&init(&[&origin]).await);
    assert_eq!(target.clients.keys().collect::<Vec<_>>(), ["api", "machine", "native", "other", "web"]);
    let web = &target.clients["web"];
    assert_eq!((web.client_id.as_str(), web.client_secret.as_deref()), ("id of Probe: web client", Some("s3cret")));
    assert_eq!(
        (web.auth_method(), web.scope.as_deref()),
        ("client_secret_post", Some("openid")),
        "the server's answer counts"
    );
    assert_eq!(target.clients["native"].auth_method(), "none");
    assert_eq!(target.origins.iter().map(ToString::to_string).collect::<Vec<_>>(), ["https://keys.example/"]);
    assert!(said.contains("registered web") && !said.contains("Make these clients"), "{said}");
    assert!(!said.contains("s3cret"), "secrets go into the file only");
}

#[tokio::test]
async fn clients_are_listed_where_it_is_not() {
    let origin = server(Registers::Nobody).await;
    let (target, said) = read(&init(&[&origin]).await);
    assert!(target.clients.is_empty());
    let list = said
        .split_once('{')
        .and_then(|(_, list)| Some(format!("{{{}", list.rsplit_once('}')?.0) + "}"))
        .expect("a list");
    let list: Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list["web"]["redirect_uris"], json!(["https://web.client.example/callback"]));
    assert_eq!(list["machine"]["grant_types"], json!(["client_credentials"]));
    let all = server(Registers::All).await;
    let (target, said) = read(&init(&[&all, "--clients", "list"]).await);
    assert!(target.clients.is_empty() && said.contains("Make these clients"), "not when not wanted");
}

#[tokio::test]
async fn what_registration_refuses_is_listed_with_the_reason() {
    let origin = server(Registers::Picky).await;
    let (target, said) = read(&init(&[&origin, "--initial-access-token", "t0"]).await);
    assert_eq!(target.clients.keys().collect::<Vec<_>>(), ["api", "machine", "other", "web"]);
    assert!(said.contains("\"native\"") && !said.contains("\"web\""), "{said}");
    let output = init(&[&origin]).await;
    assert!(read(&output).0.clients.is_empty());
    assert!(String::from_utf8_lossy(&output.stdout).contains("refuses to register it: status 401 invalid_token"));
}

#[tokio::test]
async fn what_cannot_be_had_is_said() {
    let origin = server(Registers::Nobody).await;
    let cases = [
        (format!("{origin}/"), "the metadata is that of"),
        (format!("{origin}/elsewhere"), "no metadata: "),
        ("http://127.0.0.1:1".to_owned(), "no metadata: cannot connect"),
        ("not a URL".to_owned(), "issuer not a URL"),
        ("ftp://as.example".to_owned(), "an http or https URL is needed"),
    ];
    for (issuer, cause) in cases {
        let output = init(&[&issuer]).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code() == Some(2) && output.stdout.is_empty() && said.contains(cause),
            "{issuer}: {said}"
        );
    }
}
