//! `init`: a configuration file, keys and an empty store.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use jose::Secret;
use serde_json::json;
use server::commands::{Command, Offline, Takeover};
use server::config::{Config, Initial, Issuer};
use server::control::StoreLock;

use crate::files::{Existing, make_folder, write_private};
use crate::output::{Output, cell, program};

/// The name of the configuration file in a data folder.
pub const CONFIG: &str = "safeconduct.toml";

#[derive(Args)]
#[command(
    after_help = "Example: behind a proxy that does TLS on the same machine\n  safeconduct init --dir /var/lib/safeconduct \
                        --issuer https://login.example.org\n\nThen edit the commented safeconduct.toml in that folder, and:\n  \
                        safeconduct serve --config /var/lib/safeconduct/safeconduct.toml"
)]
pub struct Init {
    /// The folder for configuration, keys and store. Made if missing.
    #[arg(long, value_name = "DIR", env = "SAFECONDUCT_DIR", default_value = "safeconduct-data")]
    dir: PathBuf,
    /// The URL by which browsers and clients will reach the server. Every token names it, so choose it for good.
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// Where to listen. A loopback address, with a TLS proxy in front, until [server.tls] is set in the file.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where health and metrics are.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8083")]
    admin_listen: SocketAddr,
    #[command(flatten)]
    output: Output,
}

pub async fn run(args: Init) -> Result<ExitCode> {
    Issuer::parse(&args.issuer).map_err(|error| anyhow!("--issuer {error}\n  fix: {}", error.fix()))?;
    let initial =
        Initial { issuer: &args.issuer, listen: args.listen, admin_listen: args.admin_listen, resources: &[] };
    let text = Config::default_toml(&initial);
    let path = args.dir.join(CONFIG);
    // Checked before anything is written: what init makes, serve takes.
    let config = Config::parse(&text, &path.display().to_string(), &args.dir, [])?;
    refuse_existing(&args.dir, &config)?;
    make_folder(&args.dir)?;
    let lock = StoreLock::take(&args.dir).map_err(|held| held.explain(&args.dir))?;
    let offline = Offline::open(config.clone(), lock).await?;
    for alg in &config.keys.algorithms {
        let alg = jose::Algorithm::from_name(alg.as_str());
        offline.execute(Command::KeysRotate { alg, takeover: Takeover::Now }).await?;
    }
    offline.close().await?;
    // Last: a folder with a configuration is a folder that is ready.
    write_private(&path, &Secret::new(text), Existing::Refuse)?;
    let done =
        json!({ "config": path, "keys": config.keys.directory, "store": config.store.path, "issuer": args.issuer });
    args.output.print(&done, |done| {
        let (program, config) = (program(), cell(&done["config"]));
        format!(
            "Made {config}, the keys in {} and an empty store.

Next:
  {program} user add --config {config} ada
  \
             {program} client new --config {config}
  {program} serve --config {config}
  {program} doctor --config \
             {config}",
            cell(&done["keys"])
        )
    })
}

fn refuse_existing(dir: &Path, config: &Config) -> Result<()> {
    let keys = std::fs::read_dir(&config.keys.directory).is_ok_and(|mut entries| entries.next().is_some());
    let found = if dir.join(CONFIG).exists() {
        dir.join(CONFIG)
    } else if config.store.path.exists() {
        config.store.path.clone()
    } else if keys {
        config.keys.directory.clone()
    } else {
        return Ok(());
    };
    bail!(
        "{} is there already, and init overwrites nothing\n  fix: choose another --dir, or remove it yourself",
        found.display()
    )
}
