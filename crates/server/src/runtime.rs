//! A running server: its listeners, and what has to be done from time to time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use protocol::Seconds;
use protocol::signal::Signal;
use store::{CommitObserver, Ledger, SqliteOptions, StoreError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::{App, Shared};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::edge::{Ended, Hosts, ListenError, Listener, Metrics, Options, Part, Readiness, SignalSink, admin_router};
use crate::entropy::{Entropy, Node};
use crate::events::About;
use crate::keys::KeyError;

/// Rows that one step of the sweep looks at: small, so that answers are not held up.
const SWEEP_STEP: usize = 500;
/// How often the store is asked whether it can still write.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// How often expired rows are swept and keys are tended.
const TEND_EVERY: Duration = Duration::from_secs(30);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A listener.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The system's random source.
    #[error(transparent)]
    Entropy(#[from] crate::entropy::EntropyFailed),
}

/// A server that answers.
pub struct Running {
    /// What its handlers share.
    pub app: Shared,
    /// Where it answers.
    pub public: SocketAddr,
    /// Where health and metrics are.
    pub admin: SocketAddr,
    stop: watch::Sender<bool>,
    listeners: Vec<JoinHandle<Ended>>,
    tenders: Vec<JoinHandle<()>>,
}

/// Opens the store of a configuration.
pub fn open(config: &Config, metrics: &Arc<Metrics>) -> Result<Ledger, StoreError> {
    let metrics = metrics.clone();
    let on_commit = Some(CommitObserver(Arc::new(move |changes| metrics.store_group(changes))));
    Ledger::open_sqlite(&config.store.path, SqliteOptions { on_commit, ..SqliteOptions::default() })
}

/// Starts a server on the system's clock with the store that the configuration names.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let metrics = Arc::new(Metrics::new(config.issuer.path()));
    let ledger = open(&config, &metrics)?;
    start_with(config, ledger, metrics, Arc::new(SystemClock)).await
}

/// Starts a server with everything given.
pub async fn start_with(
    config: Config,
    ledger: Ledger,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
) -> Result<Running, StartError> {
    let entropy = Arc::new(Entropy::new(Node::default()));
    // A clock that was set back must not make ids come again.
    if let Some(newest) = ledger.newest_id().await? {
        entropy.resume_after(newest.0);
    }
    let app = App::new(config, ledger, clock, entropy, metrics.clone())?;
    let sink: Arc<dyn SignalSink> = Arc::new(app.events.clone());
    let public = Listener::bind(Options::public(&app.config, metrics.clone(), sink.clone())).await?;
    let admin = Listener::bind(Options::admin(&app.config, metrics.clone(), sink)).await?;
    let (public_addr, admin_addr) = (public.local_addr()?, admin.local_addr()?);
    let (stop, stopping) = watch::channel(false);
    let readiness = Readiness::default();
    let hosts = Hosts::of_issuer(&app.config.issuer, &app.config.server.hosts);
    let listeners = vec![
        tokio::spawn(public.serve(crate::router(app.clone()), hosts, stopped(stopping.clone()))),
        tokio::spawn(admin.serve(
            admin_router(readiness.clone(), metrics),
            Hosts::literals(&[]),
            stopped(stopping.clone()),
        )),
    ];
    let tenders = vec![
        tokio::spawn(tend(app.clone(), stopping.clone())),
        tokio::spawn(watch_store(app.clone(), readiness.part("store"), stopping)),
    ];
    Ok(Running { app, public: public_addr, admin: admin_addr, stop, listeners, tenders })
}

impl Running {
    /// Stops: no new connections, running requests get their grace, everything acknowledged is on disk.
    pub async fn stop(self) -> Result<(), StoreError> {
        self.stop.send_replace(true);
        for listener in self.listeners {
            // A listener that panicked has ended, too.
            let _ = listener.await;
        }
        for tender in self.tenders {
            let _ = tender.await;
        }
        self.app.events.drained().await;
        self.app.ledger.close().await
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Asks the store whether it can write, and says so to whoever asks for readiness.
async fn watch_store(app: Shared, part: Part, stopping: watch::Receiver<bool>) {
    let mut ticks = interval(PROBE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = Box::pin(stopped(stopping));
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = ticks.tick() => match app.ledger.probe().await {
                Ok(()) => part.ready(),
                Err(error) => {
                    tracing::error!(%error, "the store cannot write");
                    part.not_ready("cannot write");
                }
            },
        }
    }
    part.not_ready("stopping");
}

/// Sweeps what is over, in small steps, and renews keys by age.
async fn tend(app: Shared, stopping: watch::Receiver<bool>) {
    let mut ticks = interval(TEND_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = Box::pin(stopped(stopping));
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = ticks.tick() => {
                tend_keys(&app);
                sweep(&app).await;
            }
        }
    }
}

async fn sweep(app: &App) {
    loop {
        match app.ledger.sweep(app.clock.now(), SWEEP_STEP).await {
            Ok(SWEEP_STEP..) => tokio::task::yield_now().await,
            Ok(_) => break,
            Err(error) => {
                tracing::warn!(%error, "the sweep stopped");
                break;
            }
        }
    }
}

fn tend_keys(app: &App) {
    let keys = &app.config.keys;
    let ahead: Seconds = keys.publish_ahead.seconds();
    match app.keys.tend(keys.rotation_age.seconds(), ahead, app.clock.now()) {
        Ok(true) => app.events.note(Signal::KeyRotated, About::default().detail("by age")),
        Ok(false) => {}
        // defends: signing-key-compromise
        Err(error) => {
            tracing::error!(%error, "keys could not be tended");
            app.events.note(Signal::KeyUnusable, About::default().detail("keys could not be tended"));
        }
    }
}
