//! The server as production runs it, and a few clients and a person to load it with.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use anyhow::{Result, anyhow};
use jose::Secret;
use protocol::handle::{HandleKind, Id, NewHandle};
use protocol::record::{OwnerStatus, SUBJECT_PREFIX, UserRecord};
use protocol::registration::{ClientMetadata, RegisteredClient};
use serde_json::json;
use server::app::App;
use server::config::Config;
use server::edge::AddressKey;

use crate::child;
use crate::setup::{Credentials, MAIL, NOTES, REDIRECT_URI, Setup};

/// Serves in `dir` until the parent goes.
pub fn run(dir: &Path) -> Result<()> {
    let config = config(dir)?;
    server::edge::logging::start(&config.log)?;
    // As in production: one worker for each core that this process may use.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let running = server::runtime::start(config).await?;
        let setup = prepare(&running.app, running.public).await?;
        child::say(&setup)?;
        let _ = child::told_to_stop().await;
        Ok(running.stop().await?)
    })
}

/// Writes a configuration into `dir` and reads it as the server does. What is not named has its default.
pub fn config(dir: &Path) -> Result<Config> {
    // The issuer names the port, so it has to be known before the server listens.
    let free = || anyhow::Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port());
    let (public, admin) = (free()?, free()?);
    let text = format!(
        r#"issuer = "http://127.0.0.1:{public}"

[server]
listen = "127.0.0.1:{public}"
admin_listen = "127.0.0.1:{admin}"

[server.limits]
connections_per_address = 8192

# Prepared codes and tokens have to live until they are used.
[lifetimes]
code = "10m"
access_token = "1h"

[[resource]]
identifier = "{MAIL}"
name = "Mail"
token_format = "jwt"

[resource.scopes."mail:read"]
description = "Read your mail"

[resource.scopes."mail:send"]
description = "Send mail in your name"

[[resource]]
identifier = "{NOTES}"
name = "Notes"
token_format = "opaque"

[resource.scopes."notes:read"]
description = "Read your notes"
"#
    );
    fs::create_dir_all(dir)?;
    let path = dir.join("safeconduct.toml");
    fs::write(&path, text)?;
    Config::load(&path).map_err(|error| anyhow!("{error}"))
}

async fn prepare(app: &App, address: SocketAddr) -> Result<Setup> {
    let worker = json!({
        "client_id": "worker",
        "grant_types": ["client_credentials"],
        "scope": "mail:read mail:send",
        "token_endpoint_auth_method": "client_secret_post",
    });
    let web = json!({
        "client_id": "web",
        "client_name": "Web",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid mail:read notes:read",
        "token_endpoint_auth_method": "client_secret_post",
    });
    let notes = json!({
        "client_id": "notes",
        "grant_types": [],
        "introspect_resources": [NOTES],
        "token_endpoint_auth_method": "client_secret_post",
    });
    Ok(Setup {
        address,
        worker: client(app, worker).await?,
        web: client(app, web).await?,
        notes: client(app, notes).await?,
        person: person(app).await?,
    })
}

async fn client(app: &App, metadata: serde_json::Value) -> Result<Credentials> {
    let metadata: ClientMetadata = serde_json::from_value(metadata)?;
    let now = app.clock.now_millis();
    let mut client = RegisteredClient::register(metadata, "", &app.policy, now.to_unix_time())
        .map_err(|error| anyhow!("client metadata: {error}"))?;
    let secret = NewHandle::mint(HandleKind::ClientSecret, Id(app.entropy.next_id(now)), &app.entropy.bytes()?);
    client.add_secret(secret.id(), secret.hash(), now.to_unix_time(), now.to_unix_time());
    let name = client.id().to_owned();
    app.ledger.put_client(client).await?;
    Ok(Credentials { name, secret: secret.value().expose().clone() })
}

async fn person(app: &App) -> Result<Credentials> {
    let person = Credentials { name: "ada".into(), secret: "correct horse battery staple".into() };
    let here = AddressKey::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let hash = app.passwords.hash(Secret::new(person.secret.clone()), here).await?;
    app.ledger
        .put_user(UserRecord {
            subject: format!("{SUBJECT_PREFIX}{}", app.entropy.next_id(app.clock.now_millis())),
            username: person.name.clone(),
            password: hash.as_str().to_owned(),
            status: OwnerStatus::Active,
            claims: json!({ "name": "Ada Lovelace", "email": "ada@bench.example", "email_verified": true }).to_string(),
            created: app.clock.now(),
        })
        .await?;
    Ok(person)
}
