//! The straw server: the real authorization server behind a liar.
//!
//! Without a weakness it is the server itself, on loopback, with a store in memory, a few clients, two people and two
//! protected APIs. With weaknesses, a [`layer`] in front tells lies: it rewrites a weak request into the honest one that the
//! server takes, and the answer back, and uses the [`backdoor`] where a rewrite is not enough. So the server itself has no
//! switch that turns a defence off, and nothing but this folder can.

mod api;
pub mod backdoor;
pub mod exchange;
pub mod layer;
pub mod person;
mod sockets;
mod target;
pub mod weakness;
pub mod wire;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use server::app::{App, Shared};
use server::clock::SystemClock;
use server::edge::Metrics;
use server::entropy::{Entropy, Node};
use store::Ledger;
use tempfile::TempDir;
use tokio::task::JoinSet;

use api::Check;
use backdoor::Straw;
use layer::Weakness;
use sockets::{Origins, Sockets};
use weakness::Row;

/// What a straw server is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the authorization server listens: a loopback address. Its APIs take free ports.
    pub listen: SocketAddr,
    /// Its weaknesses.
    pub weak: Vec<&'static Row>,
    /// Seconds that access tokens live, 10 to 3600; the server's default where none.
    pub access_token_lifetime: Option<u32>,
    /// Seconds that codes live, 10 to 600; the server's default where none.
    pub code_lifetime: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Options { listen, weak: Vec::new(), access_token_lifetime: None, code_lifetime: None }
    }
}

/// A straw server that answers. It ends when this is dropped.
pub struct Running {
    /// Its inside.
    pub straw: Arc<Straw>,
    /// Where its health and metrics are.
    pub admin: SocketAddr,
    _serving: JoinSet<()>,
    // After the tasks: keys are read from files.
    _keys: TempDir,
}

/// Starts a straw server.
///
/// # Errors
/// An address that is taken or not loopback, lifetimes out of bounds, no temporary folder.
pub async fn start(options: &Options) -> Result<Running> {
    anyhow::ensure!(
        options.listen.ip().is_loopback(),
        "{} is not a loopback address: a straw is for nobody else",
        options.listen
    );
    let weak: Vec<Box<dyn Weakness>> = options.weak.iter().map(|row| (row.make)()).collect();
    let metrics = Arc::new(Metrics::new(""));
    // The issuer is the address, so the address comes first; a first look at the configuration tells its limits.
    let mut look = world::config(options, &Origins::example())?;
    weak.iter().for_each(|weakness| weakness.configure(&mut look));
    let sockets = Sockets::open(options.listen, &look.server.limits, &weak, metrics.clone()).await?;
    let keys = TempDir::with_prefix("straw-").context("no temporary folder")?;
    let app = app(options, &sockets.origins, &weak, keys.path(), metrics.clone())?;
    let straw = Arc::new(furnish(app, options, &sockets.origins, &weak).await?);
    let admin = sockets.admin.local_addr()?;
    let serving = sockets.serve(&straw, Arc::new(weak), metrics);
    Ok(Running { straw, admin, _serving: serving, _keys: keys })
}

fn app(
    options: &Options,
    origins: &Origins,
    weak: &[Box<dyn Weakness>],
    keys: &std::path::Path,
    metrics: Arc<Metrics>,
) -> Result<Shared> {
    let mut config = world::config(options, origins)?;
    config.keys.directory = keys.join("keys");
    weak.iter().for_each(|weakness| weakness.configure(&mut config));
    let entropy = Arc::new(Entropy::new(Node::default()));
    Ok(App::new(config, Ledger::memory(), Arc::new(SystemClock), entropy, metrics)?)
}

async fn furnish(app: Shared, options: &Options, origins: &Origins, weak: &[Box<dyn Weakness>]) -> Result<Straw> {
    let clients = world::clients(&app, options, origins, weak).await?;
    let people = world::people(&app).await?;
    let server = server::router(app.clone());
    let api = clients.iter().find(|client| client.role == "api").context("the world has an API")?;
    let secret = api.secret.as_ref().context("the API has a secret")?.expose().clone();
    let asking = Check::Introspection(api.id().to_owned(), crate::Secret::new(secret));
    let apis = [
        api::router("mail", &origins.mail, Check::Jwt, &app, server.clone())?,
        api::router("calendar", &origins.calendar, asking, &app, server.clone())?,
    ];
    let (issuer, mail, calendar) = (origins.issuer.clone(), origins.mail.clone(), origins.calendar.clone());
    Ok(Straw { issuer, mail, calendar, app, clients, people, server, apis })
}

impl Running {
    /// What a script needs to know, secrets included.
    pub fn json(&self) -> serde_json::Value {
        target::json(&self.straw, self.admin)
    }

    /// The probe's target file.
    ///
    /// # Errors
    /// Never in practice: names and texts can always be written as TOML.
    pub fn target(&self) -> Result<String> {
        target::toml(&self.straw)
    }
}
