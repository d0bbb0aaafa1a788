//! What a straw tells about itself: to scripts as JSON, to the probe as its target file.

use std::net::SocketAddr;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::backdoor::{Client, Straw};

/// What a role asks for when a case says nothing else.
fn usual_scope(role: &str) -> &'static str {
    match role {
        "machine" => "mail:read",
        "api" => "",
        "stranger" | "hostile" => "openid mail:read",
        _ => "openid email mail:read",
    }
}

/// A scope of the server's that the role may not have.
fn forbidden_scope(role: &str) -> Option<&'static str> {
    match role {
        "stranger" | "machine" | "other" => Some("mail:send"),
        "web" | "native" | "key" => Some("calendar:send"),
        _ => None,
    }
}

fn client(client: &Client) -> Value {
    let mut out = json!({
        "client_id": client.id(),
        "token_endpoint_auth_method": client.method(),
        "scope": usual_scope(client.role),
    });
    if let Some(scope) = forbidden_scope(client.role) {
        out["forbidden_scope"] = json!(scope);
    }
    if client.role == "web" {
        out["further_scope"] = json!("profile");
    }
    if let Some(uri) = client.redirect_uris().next() {
        out["redirect_uri"] = json!(uri);
    }
    if let Some(secret) = &client.secret {
        out["client_secret"] = json!(secret.expose());
    }
    if let Some(key) = &client.key {
        out["key"] = json!(key.to_private_jwk().expose());
    }
    out
}

/// An API as the probe reads it.
fn api(origin: &str, name: &str) -> Value {
    json!({
        "url": format!("{origin}/messages"),
        "identifier": origin,
        "scope": format!("{name}:read"),
        "high_url": format!("{origin}/outbox"),
        "low_scope": format!("{name}:read"),
    })
}

/// The target as the probe reads it.
fn target(straw: &Straw) -> Value {
    let mut out = Map::new();
    out.insert("name".to_owned(), json!("straw"));
    out.insert("issuer".to_owned(), json!(straw.issuer));
    out.insert("pages".to_owned(), json!({ "preset": "safeconduct" }));
    for person in straw.people.iter().filter(|person| !person.role.is_empty()) {
        let value = json!({ "username": person.username, "password": person.password.expose() });
        out.insert(person.role.to_owned(), value);
    }
    out.insert("resource".to_owned(), api(&straw.mail, "mail"));
    out.insert("other_resource".to_owned(), api(&straw.calendar, "calendar"));
    let clients: Map<String, Value> = straw.clients.iter().map(|have| (have.role.to_owned(), client(have))).collect();
    out.insert("clients".to_owned(), Value::Object(clients));
    out.insert("operator".to_owned(), lifetimes(straw));
    // Nobody else needs a straw: the probe may be as quick as it can.
    out.insert("limits".to_owned(), json!({ "per_second": 2000 }));
    Value::Object(out)
}

/// What is short enough to wait for.
fn lifetimes(straw: &Straw) -> Value {
    const LONGEST: u64 = 120;
    let access = straw.role("web").and_then(|web| web.metadata["access_token_lifetime"].as_u64());
    let code = u64::from(straw.app.config.lifetimes.code.seconds().0);
    let mut out = Map::new();
    for (name, seconds) in [("access_token_seconds", access), ("code_seconds", Some(code))] {
        if let Some(seconds) = seconds.filter(|seconds| *seconds <= LONGEST) {
            out.insert(name.to_owned(), json!(seconds));
        }
    }
    Value::Object(out)
}

/// For scripts: one object.
pub(super) fn json(straw: &Straw, admin: SocketAddr) -> Value {
    let mut out = target(straw);
    out["admin"] = json!(format!("http://{admin}"));
    out
}

/// The target file.
pub(super) fn toml(straw: &Straw) -> Result<String> {
    Ok(toml::to_string(&target(straw))?)
}
