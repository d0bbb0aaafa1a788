//! `serve`: runs the server until it is told to stop.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use server::commands::CommandError;
use server::config::Config;
use server::control::{Control, StoreLock, folder};
use server::edge::logging;
use server::runtime::{self, Running, StartError};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::ConfigFile;

#[derive(Args)]
#[command(
    after_help = "Example:\n  safeconduct serve --config /etc/safeconduct/safeconduct.toml\n\nIt logs to standard error \
                        and stops on SIGINT or SIGTERM: running requests are finished, a second signal cuts them off. \
                        Other commands work meanwhile and act at once."
)]
pub struct Serve {
    #[command(flatten)]
    config: ConfigFile,
}

pub async fn run(args: Serve) -> Result<ExitCode> {
    let config = args.config.load()?;
    logging::start(&config.log)?;
    let server = Server::start(config).await?;
    let (public, admin) = (server.running.public, server.running.admin);
    tracing::info!(%public, %admin, issuer = %server.running.app.config.issuer, "ready");
    let mut stop = StopSignals::new()?;
    stop.next().await;
    tracing::info!("stopping");
    tokio::select! {
        stopped = server.stop() => stopped.map(|()| ExitCode::SUCCESS),
        () = stop.next() => Ok(ExitCode::FAILURE),
    }
}

/// A server with its control socket.
pub struct Server {
    pub running: Running,
    control: Control,
}

impl Server {
    /// Takes the store's lock, starts the server and serves its control socket.
    pub async fn start(config: Config) -> Result<Server> {
        let folder = folder(&config);
        let lock = StoreLock::take_soon(&folder).await.map_err(|held| held.explain(&folder))?;
        let running = runtime::start(config).await.map_err(explain)?;
        let control = Control::start(lock, running.app.clone()).context("the control socket cannot be made")?;
        Ok(Server { running, control })
    }

    /// Stops gracefully. The lock is free only when the store is closed.
    pub async fn stop(self) -> Result<()> {
        let lock = self.control.stop().await;
        self.running.stop().await.map_err(CommandError::from)?;
        drop(lock);
        Ok(())
    }
}

fn explain(error: StartError) -> anyhow::Error {
    match error {
        StartError::Store(error) => CommandError::from(error).into(),
        StartError::Key(error) => CommandError::from(error).into(),
        StartError::Listen(error) => anyhow::anyhow!(
            "{error}\n  fix: end what uses the address, or change server.listen and server.admin_listen; see `safeconduct doctor`"
        ),
        other => other.into(),
    }
}

/// SIGINT and SIGTERM.
pub struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl StopSignals {
    pub fn new() -> Result<StopSignals> {
        let listen = |kind| signal(kind).context("the system gives no signals");
        Ok(StopSignals { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Waits for either.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
