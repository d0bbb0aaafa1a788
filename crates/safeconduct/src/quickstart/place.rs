//! Where the small world is: its folder, its four addresses, its configuration file.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use jose::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::config::{Config, Initial, Resource};
use server::control::StoreLock;
use tokio::net::TcpListener;

use crate::files::{Existing, make_folder, read_text, write_private};
use crate::init::CONFIG;

const STATE: &str = "quickstart.json";
const DEFAULT: &str = "127.0.0.1:8080";

/// What stays the same from start to start. Holds secrets of the demo's clients.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The authorization server.
    listen: SocketAddr,
    mailbox: SocketAddr,
    robot: SocketAddr,
    admin: SocketAddr,
    /// Client information objects, with secrets. Empty until the first start is through.
    pub clients: Vec<Value>,
}

/// The folder and what it says.
pub struct Home {
    dir: PathBuf,
    pub state: State,
}

/// A home that is ready to be moved into: its ports are ours.
pub struct Place {
    pub home: Home,
    pub sockets: Sockets,
}

/// The listeners of the cast, open already, so that nobody else takes them.
pub struct Sockets {
    pub mailbox: TcpListener,
    pub robot: TcpListener,
}

impl Place {
    /// Finds the world of `dir`, or lays its foundation.
    pub async fn prepare(dir: &Path, listen: Option<SocketAddr>) -> Result<Place> {
        make_folder(dir)?;
        // The lock is taken for good when the server starts; until then it tells whether one runs already.
        let lock = StoreLock::take_soon(dir).await.map_err(|held| held.explain(dir))?;
        let known = dir.join(STATE);
        let state = if known.exists() { recall(&known, listen)? } else { choose(dir, listen)? };
        let sockets = Sockets { mailbox: bind(state.mailbox).await?, robot: bind(state.robot).await? };
        for address in [state.listen, state.admin] {
            drop(bind(address).await?);
        }
        let home = Home { dir: std::path::absolute(dir).context("the folder's path cannot be told")?, state };
        if !known.exists() {
            home.save(&home.state)?;
        }
        if !home.config_path().exists() {
            home.write_config()?;
        }
        drop(lock);
        Ok(Place { home, sockets })
    }

    /// Reads the configuration, which the operator may have changed, and sees whether it still fits the rest.
    pub fn load_config(&self) -> Result<Config> {
        let config = Config::load(&self.home.config_path())?;
        if config.issuer.as_str() != self.home.issuer() {
            bail!(
                "the issuer in {} is not {}, where this quickstart began\n  fix: put it back, run it with `safeconduct serve`, \
                 or begin anew with another --dir",
                self.home.config_path().display(),
                self.home.issuer()
            );
        }
        Ok(config)
    }
}

impl Home {
    pub fn issuer(&self) -> String {
        format!("http://{}", self.state.listen)
    }

    pub fn mailbox_url(&self) -> String {
        format!("http://{}", self.state.mailbox)
    }

    pub fn robot_url(&self) -> String {
        format!("http://{}", self.state.robot)
    }

    pub fn admin_url(&self) -> String {
        format!("http://{}", self.state.admin)
    }

    pub fn config_path(&self) -> PathBuf {
        self.dir.join(CONFIG)
    }

    pub fn folder(&self) -> &Path {
        &self.dir
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Whether everything was made at an earlier start.
    pub fn is_furnished(&self) -> bool {
        !self.state.clients.is_empty()
    }

    /// Keeps the addresses.
    fn save(&self, state: &State) -> Result<()> {
        write_private(&self.file(STATE), &Secret::new(serde_json::to_string_pretty(state)?), Existing::Replace)
    }

    /// Keeps the clients, too: from then on the first start is through.
    pub fn furnish(&self, clients: &[Value]) -> Result<()> {
        self.save(&State { clients: clients.to_vec(), ..self.state.clone() })
    }

    fn write_config(&self) -> Result<()> {
        let resources: Vec<Resource> = serde_json::from_value(json!([{
            "identifier": self.mailbox_url(),
            "name": "Mailbox",
            "scopes": {
                "mail:read": { "description": "Read your mail", "description_de": "Ihre E-Mails lesen" },
                "mail:send": {
                    "description": "Send mail in your name",
                    "description_de": "E-Mails in Ihrem Namen senden",
                    "sensitive": true,
                },
            },
        }]))
        .context("the mailbox's scopes")?;
        let issuer = self.issuer();
        let text = Config::default_toml(&Initial {
            issuer: &issuer,
            listen: self.state.listen,
            admin_listen: self.state.admin,
            resources: &resources,
        });
        write_private(&self.config_path(), &Secret::new(text), Existing::Refuse)
    }
}

fn recall(path: &Path, listen: Option<SocketAddr>) -> Result<State> {
    let shown = path.display();
    let state: State = serde_json::from_str(&read_text(path)?)
        // The text could quote a secret of the file.
        .map_err(|_| {
            anyhow!("{shown} is not as quickstart wrote it\n  fix: restore it, or begin anew with another --dir")
        })?;
    match listen {
        Some(wanted) if wanted.port() != 0 && wanted != state.listen => bail!(
            "this folder's server listens on {}, and its issuer cannot change\n  fix: leave out --listen {wanted}, or give \
             another --dir",
            state.listen
        ),
        _ => Ok(state),
    }
}

fn choose(dir: &Path, listen: Option<SocketAddr>) -> Result<State> {
    if dir.join(CONFIG).exists() {
        bail!(
            "{} holds a configuration that quickstart did not make\n  fix: run it with `safeconduct serve --config {}`, or \
             give another --dir",
            dir.display(),
            dir.join(CONFIG).display()
        );
    }
    // The default is an address: a constant that parses.
    let listen = listen.map_or_else(|| DEFAULT.parse().context("the default address"), Ok)?;
    if !listen.ip().is_loopback() {
        bail!(
            "--listen {listen} is not a loopback address, and quickstart speaks plain http\n  fix: use 127.0.0.1, or set up a \
             server for others with `safeconduct init`"
        );
    }
    let at = |port: u16| SocketAddr::new(listen.ip(), port);
    let ports = if listen.port() == 0 {
        free_ports(listen)?
    } else {
        let next = |offset: u16| {
            let port = listen.port().checked_add(offset);
            port.ok_or_else(|| {
                anyhow!("--listen {listen} leaves no room for three more ports\n  fix: use a lower port")
            })
        };
        [listen.port(), next(1)?, next(2)?, next(3)?]
    };
    let [listen, mailbox, robot, admin] = ports.map(at);
    Ok(State { listen, mailbox, robot, admin, clients: Vec::new() })
}

/// Four ports that are free now. They are held together, so that they differ.
fn free_ports(any: SocketAddr) -> Result<[u16; 4]> {
    let open = || StdListener::bind(any).with_context(|| format!("no free port on {}", any.ip()));
    let held = [open()?, open()?, open()?, open()?];
    let mut ports = [0; 4];
    for (port, socket) in ports.iter_mut().zip(&held) {
        *port = socket.local_addr().context("the system does not tell the port")?.port();
    }
    Ok(ports)
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        anyhow!(
            "cannot listen on {address}: {error}\n  fix: end what uses that port, or begin with other ports: --listen \
             127.0.0.1:PORT uses PORT and the next three (with a new --dir, if this one was used before)"
        )
    })
}
