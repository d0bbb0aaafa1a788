//! `quickstart`: a whole small world on this machine, in one process: the authorization server, a mailbox API, a robot
//! that connects to it, one user, a few clients.
//!
//! Everything is made on the first start and kept. The demo clients' secrets are kept, too, in `quickstart.json` and
//! `quickstart.env` (mode 0600), because the robot needs its own again; the store has hashes only, as always.

mod cast;
mod page;
mod place;
mod provision;
mod target;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use server::edge::logging;

use crate::output::line;
use crate::serve::{Server, StopSignals};
use cast::Cast;
use place::Place;

#[derive(Args)]
#[command(
    after_help = "Example:\n  safeconduct quickstart\n\nExample: for a script, on ports of its own\n  safeconduct quickstart \
                        --json --dir /tmp/demo --listen 127.0.0.1:0\n\nThe port of --listen is the authorization \
                        server's; the next three are the mailbox's, the robot's, and that of health and metrics. Port 0 \
                        takes four free ports. What was taken at the first start is kept in --dir, because the issuer \
                        must stay the same: to begin anew, remove the folder. The secrets of the demo's clients are kept there, too, in \
                        quickstart.json and quickstart.env, which only you can read.\n\nThe user's password is printed at the \
                        first start only. Lost it? safeconduct user set-password ada --generate"
)]
pub struct Start {
    /// The folder for everything. Made at the first start.
    #[arg(long, value_name = "DIR", env = "SAFECONDUCT_DIR", default_value = "safeconduct-data")]
    dir: PathBuf,
    /// Where the authorization server listens: a loopback address. [default: 127.0.0.1:8080, or as at the first start]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// When ready, print one line of JSON: issuer, user, URLs, and the clients with their secrets.
    #[arg(long)]
    json: bool,
    /// Write a target file for safeconduct-probe, with secrets, and make the second client and user that it needs.
    #[arg(long, value_name = "FILE")]
    probe_target: Option<PathBuf>,
    /// Open the robot in the system's browser.
    #[arg(long)]
    open: bool,
    /// Open no browser: the default, and stronger than --open.
    #[arg(long, env = "SAFECONDUCT_NO_BROWSER", value_parser = clap::builder::FalseyValueParser::new())]
    no_browser: bool,
}

pub async fn run(args: Start) -> Result<ExitCode> {
    let mut stop = StopSignals::new()?;
    let place = Place::prepare(&args.dir, args.listen).await?;
    let config = place.load_config()?;
    logging::start(&config.log)?;
    let server = Server::start(config).await?;
    let provided = provision::provide(&server.running.app, &place.home).await?;
    if let Some(file) = &args.probe_target {
        target::write(&server.running.app, &place.home, &provided, file).await?;
    }
    let cast = Cast::start(place.sockets, &place.home, &provided)?;
    let world = page::World { home: &place.home, provided: &provided };
    line(&if args.json { world.json().to_string() } else { world.text() })?;
    if args.open && !args.no_browser {
        open_browser(&place.home.robot_url());
    }
    stop.next().await;
    tracing::info!("stopping");
    let end = async {
        cast.stop().await;
        server.stop().await
    };
    tokio::select! {
        stopped = end => stopped.map(|()| ExitCode::SUCCESS),
        () = stop.next() => Ok(ExitCode::FAILURE),
    }
}

/// A browser that does not open is no reason to stop: the address was printed.
fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let spawned = std::process::Command::new(program)
        .arg(url)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .context(program);
    if let Err(error) = spawned {
        tracing::warn!(%error, "the browser could not be opened");
    }
}
