//! An honest authorization server with its mailbox and its people, in this process, on ports of its own.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use jose::Secret;
use serde_json::{Map, Value, json};
use server::app::Shared;
use server::commands::{Admin, Command, NewPassword, execute, read_metadata};
use server::config::{Config, Initial, Resource};
use server::runtime::{self, Running};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Surroundings, mailbox};

/// Somebody with an account.
pub struct Person {
    /// What is typed.
    pub username: &'static str,
    /// And the password.
    pub password: Secret<String>,
}

/// The server, its mailbox and two people.
pub struct House {
    /// The issuer, which is also its origin.
    pub issuer: String,
    /// The mailbox's origin and resource identifier.
    pub mailbox: String,
    /// Who is attacked.
    pub ada: Person,
    /// Who attacks. An attacker may have an account like everybody.
    pub mallory: Person,
    app: Shared,
    running: Running,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl House {
    /// Starts the server with default settings, on a fresh folder that goes when the house does.
    pub async fn open() -> Result<House> {
        let folder = tempfile::Builder::new().prefix("safeconduct-lab-").tempdir()?;
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mailbox = format!("http://{}", socket.local_addr()?);
        let [listen, admin] = [free().await?, free().await?];
        let issuer = format!("http://{listen}");
        let resources = resources(&mailbox)?;
        let text = Config::default_toml(&Initial { issuer: &issuer, listen, admin_listen: admin, resources: &resources });
        let config = Config::parse(&text, "the lab's configuration", folder.path(), [])?;
        let running = runtime::start(config).await?;
        let router = mailbox::router(mailbox::MailboxConfig {
            origin: mailbox.clone(),
            issuer: issuer.clone(),
            check: mailbox::TokenCheck::Jwt { jwks_uri: format!("{issuer}/jwks") },
            surroundings: Surroundings::system(),
        })?;
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(socket, router).await {
                tracing::error!(%error, "the lab's mailbox stopped");
            }
        });
        let app = running.app.clone();
        let [ada, mallory] = [person(&app, "ada").await?, person(&app, "mallory").await?];
        Ok(House { issuer, mailbox, ada, mallory, app, running, serving, _folder: folder })
    }

    /// Registers a client and gives its information response, secret included.
    pub async fn client(&self, metadata: Value) -> Result<Value> {
        let metadata = read_metadata(&metadata.to_string())?;
        let add = Command::ClientAdd { metadata: Box::new(metadata) };
        Ok(execute(Admin::from(self.app.as_ref()), add).await?)
    }

    /// Ends it.
    pub async fn close(self) -> Result<()> {
        self.serving.abort();
        self.running.stop().await?;
        Ok(())
    }
}

async fn person(app: &Shared, username: &'static str) -> Result<Person> {
    let (password, claims) = (NewPassword::Generate, Map::new());
    let add = Command::UserAdd { username: username.to_owned(), password, claims };
    let made = execute(Admin::from(app.as_ref()), add).await?;
    let password = made["password"].as_str().context("no password was made")?.to_owned();
    Ok(Person { username, password: Secret::new(password) })
}

/// A port that is free now. The server takes it at once.
pub(super) async fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?)
}

fn resources(mailbox: &str) -> Result<Vec<Resource>> {
    let described = json!([{
        "identifier": mailbox,
        "name": "Mailbox",
        "scopes": {
            "mail:read": { "description": "Read your mail" },
            "mail:send": { "description": "Send mail in your name", "sensitive": true },
        },
    }]);
    serde_json::from_value(described).context("the mailbox's scopes")
}
