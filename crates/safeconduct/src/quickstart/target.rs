//! What the probe needs to attack a quickstart: its target file, a second client and person so that one can be set against
//! the other, a client that nobody vouches for, and one with markup in its name.

use std::path::Path;

use anyhow::{Context, Result, bail};
use jose::Secret;
use serde_json::{Value, json};
use server::app::Shared;

use super::place::Home;
use super::provision::{self, BATCH_KEY, Provided, USERNAME};
use crate::files::{Existing, read_text, write_private};

const SECOND_CLIENT: &str = "second-robot";
const SECOND_USER: &str = "grace";

const STRANGER: &str = "strange-robot";
const HOSTILE: &str = "hostile-robot";

/// Makes the further clients and the second person, and writes the file (mode 0600).
pub async fn write(app: &Shared, home: &Home, provided: &Provided, file: &Path) -> Result<()> {
    let Some(password) = &provided.password else {
        bail!(
            "--probe-target: {USERNAME}'s password was told at the first start only\n  fix: begin anew with another --dir"
        );
    };
    let robot = provided.clients.iter().find(|client| client["client_id"] == "mail-robot").context("no mail-robot")?;
    let mut further = Vec::new();
    for metadata in further_robots(robot) {
        further.push(provision::client(app, metadata).await?);
    }
    let second_password = provision::user(app, SECOND_USER, serde_json::Map::new()).await?;
    let clients: Vec<&Value> = provided.clients.iter().chain(&further).collect();
    let mut roles = serde_json::Map::new();
    for (role, id) in [
        ("web", "mail-robot"),
        ("other", SECOND_CLIENT),
        ("stranger", STRANGER),
        ("hostile", HOSTILE),
        ("native", "native-app"),
        ("machine", "batch-job"),
        ("key", "batch-key"),
        ("api", "mail-api"),
    ] {
        let found =
            clients.iter().find(|client| client["client_id"] == id).with_context(|| format!("no client {id}"))?;
        roles.insert(role.to_owned(), client(found, home)?);
    }
    let target = json!({
        "name": "Safeconduct quickstart",
        "issuer": home.issuer(),
        "pages": { "preset": "safeconduct" },
        "user": { "username": USERNAME, "password": password.expose() },
        "second_user": { "username": SECOND_USER, "password": second_password.expose() },
        "clients": roles,
        "resource": {
            "url": format!("{}/messages", home.mailbox_url()),
            "identifier": home.mailbox_url(),
            "scope": lab::mailbox::READ,
        },
        "operator": {
            "management": [home.admin_url(), format!("{}/metrics", home.issuer())],
            "code_seconds": app.config.lifetimes.code.seconds().0,
        },
    });
    write_private(file, &Secret::new(toml::to_string(&target)?), Existing::Replace)
}

/// As the first, with other callbacks: a second one, one that nobody vouches for, and one that hopes for a careless page.
fn further_robots(robot: &Value) -> Vec<Value> {
    let callback = robot["redirect_uris"][0].as_str().unwrap_or_default();
    let like = |client_id: &str, name: &str, path: &str, scope: &Value| {
        json!({
            "client_id": client_id,
            "client_name": name,
            "application_type": "web",
            "redirect_uris": [callback.replace("/callback", path)],
            "grant_types": robot["grant_types"],
            "token_endpoint_auth_method": robot["token_endpoint_auth_method"],
            "scope": scope,
            "resources": robot["resources"],
        })
    };
    let little = json!(format!("openid {}", lab::mailbox::READ));
    let mut stranger = like(STRANGER, "Strange robot", "/strange-callback", &little);
    stranger["vouched_for"] = json!(false);
    let markup = "<b>Bank</b>\"'><script>alert(1)</script>";
    vec![
        like(SECOND_CLIENT, "Second robot", "/second-callback", &robot["scope"]),
        stranger,
        like(HOSTILE, markup, "/hostile-callback", &little),
    ]
}

fn client(client: &Value, home: &Home) -> Result<Value> {
    let mut out = json!({
        "client_id": client["client_id"],
        "token_endpoint_auth_method": client["token_endpoint_auth_method"],
    });
    for (name, value) in [
        ("client_secret", &client["client_secret"]),
        ("scope", &client["scope"]),
        ("redirect_uri", &client["redirect_uris"][0]),
    ] {
        if value.is_string() {
            out[name] = value.clone();
        }
    }
    // A scope of the server that the client is not registered for.
    if client["client_id"] == STRANGER || client["client_id"] == "batch-job" {
        out["forbidden_scope"] = json!(lab::mailbox::SEND);
    }
    if client["client_id"] == "mail-robot" {
        out["scope"] = json!(format!("openid email {}", lab::mailbox::READ));
        out["further_scope"] = json!("profile");
    }
    if client["token_endpoint_auth_method"] == "private_key_jwt" {
        out["key"] = json!(read_text(&home.file(BATCH_KEY))?);
    }
    Ok(out)
}
