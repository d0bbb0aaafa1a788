//! Authorization servers with their mailboxes and their people, in this process, on ports of their own: the strong one, and
//! straws with the weaknesses that scenes are about.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use jose::Secret;
use serde_json::{Map, Value, json};
use server::app::Shared;
use server::commands::{Admin, Command, NewPassword, execute, read_metadata};
use server::config::{Config, Initial, Resource};
use server::runtime::{self, Running};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use super::{Defence, Scene, implicit};
use crate::{Surroundings, mailbox, straw};

/// Somebody with an account.
pub struct Person {
    /// What is typed.
    pub username: String,
    /// And the password.
    pub password: Secret<String>,
}

/// A server, its mailbox and two people.
pub struct House {
    /// The issuer, which is also its origin.
    pub issuer: String,
    /// The mailbox's origin and resource identifier.
    pub mailbox: String,
    /// Who is attacked.
    pub ada: Person,
    /// Who attacks. An attacker may have an account like everybody.
    pub mallory: Person,
    /// Held while somebody signs in: to the server, many sign-ins to one account at once are somebody who guesses.
    pub door: Mutex<()>,
    app: Shared,
    inside: Inside,
}

/// What has to live as long as the house.
enum Inside {
    Strong { _running: Box<Running>, _folder: TempDir },
    Weak(Box<straw::Running>),
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
        let text =
            Config::default_toml(&Initial { issuer: &issuer, listen, admin_listen: admin, resources: &resources });
        let config = Config::parse(&text, "the lab's configuration", folder.path(), [])?;
        let running = runtime::start(config).await?;
        let router = mailbox::router(mailbox::MailboxConfig {
            origin: mailbox.clone(),
            issuer: issuer.clone(),
            check: mailbox::TokenCheck::Jwt { jwks_uri: format!("{issuer}/jwks") },
            surroundings: Surroundings::system(),
        })?;
        tokio::spawn(async move {
            if let Err(error) = axum::serve(socket, router).await {
                tracing::error!(%error, "the lab's mailbox stopped");
            }
        });
        let app = running.app.clone();
        let [ada, mallory] = [person(&app, "ada").await?, person(&app, "mallory").await?];
        let inside = Inside::Strong { _running: Box::new(running), _folder: folder };
        Ok(House { issuer, mailbox, ada, mallory, door: Mutex::default(), app, inside })
    }

    /// Starts a straw with these weaknesses.
    pub async fn weak(weaknesses: &[&str]) -> Result<House> {
        let find = |name: &&str| {
            let mut known = straw::weakness::TABLE.iter().chain([&implicit::ROW]);
            known.find(|row| row.threat == *name).with_context(|| format!("no weakness is called {name}"))
        };
        let weak = weaknesses.iter().map(find).collect::<Result<_>>()?;
        let running = straw::start(&straw::Options { weak, ..straw::Options::default() }).await?;
        let straw = &running.straw;
        let person = |role: &str| {
            let found = straw.people.iter().find(|person| person.role == role).context("a straw has people")?;
            let password = Secret::new(found.password.expose().clone());
            Ok::<_, anyhow::Error>(Person { username: found.username.clone(), password })
        };
        let [ada, mallory] = [person("user")?, person("second_user")?];
        let (issuer, mailbox, app) = (straw.issuer.clone(), straw.mail.clone(), straw.app.clone());
        Ok(House {
            issuer,
            mailbox,
            ada,
            mallory,
            door: Mutex::default(),
            app,
            inside: Inside::Weak(Box::new(running)),
        })
    }

    /// The public native client that a straw was given at its start: its weaknesses know that one in and out.
    pub fn native_client(&self) -> Option<&str> {
        match &self.inside {
            Inside::Strong { .. } => None,
            Inside::Weak(running) => running.straw.role("native").map(straw::backdoor::Client::id),
        }
    }

    /// Registers a client and gives its information response, secret included.
    pub async fn client(&self, metadata: Value) -> Result<Value> {
        let metadata = read_metadata(&metadata.to_string())?;
        let add = Command::ClientAdd { metadata: Box::new(metadata) };
        Ok(execute(Admin::from(self.app.as_ref()), add).await?)
    }
}

async fn person(app: &Shared, username: &str) -> Result<Person> {
    let (password, claims) = (NewPassword::Generate, Map::new());
    let add = Command::UserAdd { username: username.to_owned(), password, claims };
    let made = execute(Admin::from(app.as_ref()), add).await?;
    let password = made["password"].as_str().context("no password was made")?.to_owned();
    Ok(Person { username: username.to_owned(), password: Secret::new(password) })
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

/// All servers of the lab: the strong one, and one straw for each weakness that a scene is about.
pub struct Houses {
    /// The server with default settings.
    pub strong: Arc<House>,
    weak: Vec<(&'static [&'static str], Arc<House>)>,
}

impl Houses {
    /// Starts them all.
    pub async fn open() -> Result<Houses> {
        let mut weak: Vec<(&'static [&'static str], Arc<House>)> = Vec::new();
        for scene in Scene::all() {
            if !scene.weakness.is_empty() && weak.iter().all(|(have, _)| *have != scene.weakness) {
                let house = House::weak(scene.weakness).await;
                weak.push((scene.weakness, Arc::new(house.with_context(|| format!("the server of {}", scene.id))?)));
            }
        }
        Ok(Houses { strong: Arc::new(House::open().await?), weak })
    }

    /// The one for this run: a weak one only where the defence is the server's and it is off.
    pub fn of(&self, scene: &Scene, defence: Defence) -> Arc<House> {
        let weak = self.weak.iter().find(|(have, _)| !have.is_empty() && *have == scene.weakness);
        match (defence, weak) {
            (Defence::Off, Some((_, house))) => house.clone(),
            _ => self.strong.clone(),
        }
    }
}
