//! The accept loop: who gets a connection, and how the server stops.

use super::address::{AddressKey, Proxies};
use super::connection::{self, Protocols};
use super::host::Hosts;
use super::metrics::{ConnectionRefused, Metrics};
use super::request::App;
use super::signal::{Reporter, SignalSink};
use super::tls::{self, Certificates, TlsError};
use crate::config::{Config, Limits, Tls};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

/// Waiting after an accept that failed for want of files or memory: trying again at once would only burn the core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What cut connections get to be gone.
const CUT_GRACE: Duration = Duration::from_secs(1);

/// What a listener needs to know.
#[derive(Clone)]
pub struct Options {
    /// Address and port; port 0 for any.
    pub listen: SocketAddr,
    /// Certificate files; none for plain HTTP.
    pub tls: Option<Tls>,
    /// Bounds for connections and requests.
    pub limits: Limits,
    /// Who is believed about the way of a request.
    pub proxies: Proxies,
    /// How long running requests may take after the stop.
    pub shutdown_grace: Duration,
    /// Where it counts.
    pub metrics: Arc<Metrics>,
    /// Where it reports what looks like an attack.
    pub signals: Arc<dyn SignalSink>,
}

impl Options {
    /// The listener for browsers, clients and APIs.
    #[must_use]
    pub fn public(config: &Config, metrics: Arc<Metrics>, signals: Arc<dyn SignalSink>) -> Self {
        Self {
            listen: config.server.listen,
            tls: config.server.tls.clone(),
            limits: config.server.limits.clone(),
            proxies: Proxies::new(&config.server.trusted_proxies),
            shutdown_grace: config.server.shutdown_grace.duration(),
            metrics,
            signals,
        }
    }

    /// The listener for health and metrics: plain HTTP, and no header about the way of a request is believed.
    #[must_use]
    pub fn admin(config: &Config, metrics: Arc<Metrics>, signals: Arc<dyn SignalSink>) -> Self {
        Self {
            listen: config.server.admin_listen,
            tls: None,
            proxies: Proxies::default(),
            ..Self::public(config, metrics, signals)
        }
    }
}

/// Why a listener could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The address is taken, not of this machine, or not allowed.
    #[error("cannot listen on {address}: {why}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        why: io::Error,
    },
    /// Certificate or key do not work.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// How a listener ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every request was answered.
    Drained,
    /// The grace was over; what still ran was cut.
    Cut,
}

/// Whether connections go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    Draining,
    Cut,
}

/// What all connections of a listener share.
pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) protocols: Protocols,
    pub(super) proxies: Proxies,
    pub(super) hosts: Hosts,
    pub(super) metrics: Arc<Metrics>,
    pub(super) reporter: Reporter,
    pub(super) certificates: Option<Arc<Certificates>>,
    pub(super) phase: watch::Sender<Phase>,
    addresses: Mutex<HashMap<AddressKey, u32>>,
}

/// A bound socket that does not accept yet, so that its port can be told before anything is served.
pub struct Listener {
    socket: TcpListener,
    certificates: Option<Arc<Certificates>>,
    options: Options,
}

impl Listener {
    /// Binds the address and loads the certificate.
    ///
    /// # Errors
    /// When either does not work; the server must not start then.
    pub async fn bind(options: Options) -> Result<Self, ListenError> {
        let certificates = options.tls.clone().map(Certificates::load).transpose()?.map(Arc::new);
        let address = options.listen;
        let socket = TcpListener::bind(address).await.map_err(|why| ListenError::Address { address, why })?;
        Ok(Self { socket, certificates, options })
    }

    /// Address and port in use.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves `app` under the names `hosts` until `stop` is done, then lets running requests end within the grace.
    ///
    /// Cancel-safe in one way only: dropping this future drops the socket and cuts the connections.
    pub async fn serve<A: App>(self, app: A, hosts: Hosts, stop: impl Future<Output = ()>) -> Ended {
        let Options { limits, proxies, shutdown_grace, metrics, signals, .. } = self.options;
        let slots = limits.connections.get();
        let shared = Arc::new(Shared {
            protocols: Protocols::new(&limits),
            reporter: Reporter::new(signals, Arc::clone(&metrics)),
            certificates: self.certificates.clone(),
            phase: watch::Sender::new(Phase::Serving),
            addresses: Mutex::default(),
            limits,
            proxies,
            hosts,
            metrics,
        });
        // Connections end with this value, even when the future is dropped midway.
        let _cut = CutOnDrop(Arc::clone(&shared));
        let free = Arc::new(Semaphore::new(slots as usize));
        let reload = pin!(tls::watch(self.certificates, Arc::clone(&shared.metrics)));
        tokio::select! {
            () = stop => {}
            never = accept(&self.socket, &shared, &free, app) => match never {},
            () = reload => {}
        }
        drop(self.socket);
        drain(&shared, &free, slots, shutdown_grace).await
    }
}

struct CutOnDrop(Arc<Shared>);

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        self.0.phase.send_replace(Phase::Cut);
    }
}

/// Accepts for ever.
async fn accept<A: App>(
    socket: &TcpListener,
    shared: &Arc<Shared>,
    free: &Arc<Semaphore>,
    app: A,
) -> std::convert::Infallible {
    loop {
        let (stream, address) = match socket.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        admit(shared, free, &app, stream, address);
    }
}

/// The connection failed before it was ours; the next one may be good.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Gives the connection a slot and a task, or drops it. Waiting for a slot instead would let whoever holds them keep
/// everyone out.  defends: dos-expensive-input
fn admit<A: App>(shared: &Arc<Shared>, free: &Arc<Semaphore>, app: &A, stream: TcpStream, address: SocketAddr) {
    let Ok(slot) = Arc::clone(free).try_acquire_owned() else {
        shared.metrics.connection_refused(ConnectionRefused::Full);
        return;
    };
    let Some(share) = Share::take(shared, address) else {
        shared.metrics.connection_refused(ConnectionRefused::AddressShare);
        return;
    };
    let counted = shared.metrics.connection();
    let serving = connection::serve(Arc::clone(shared), app.clone(), stream, address);
    tokio::spawn(async move {
        // The slot goes last: when all are back, everything else is, too.
        let held: (OwnedSemaphorePermit, _, _) = (slot, share, counted);
        serving.await;
        drop(held);
    });
}

/// One of the connections an address may have.
struct Share {
    shared: Arc<Shared>,
    /// `None` for a trusted proxy, which speaks for many.
    key: Option<AddressKey>,
}

impl Share {
    fn take(shared: &Arc<Shared>, address: SocketAddr) -> Option<Self> {
        let key = (!shared.proxies.contain(address.ip())).then(|| AddressKey::from(address.ip()));
        if let Some(key) = key {
            // A panic cannot leave a counter half written.
            let mut addresses = shared.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            let open = addresses.entry(key).or_insert(0);
            // defends: dos-expensive-input
            if *open >= shared.limits.connections_per_address.get() {
                return None;
            }
            *open += 1;
        }
        Some(Self { shared: Arc::clone(shared), key })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut addresses = self.shared.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut open) = addresses.entry(key) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
    }
}

async fn drain(shared: &Shared, free: &Semaphore, slots: u32, grace: Duration) -> Ended {
    shared.phase.send_replace(Phase::Draining);
    if timeout(grace, free.acquire_many(slots)).await.is_ok() {
        return Ended::Drained;
    }
    let left = slots as usize - free.available_permits();
    tracing::warn!(connections = left, "the grace is over; cutting what still runs");
    shared.phase.send_replace(Phase::Cut);
    // Nothing can be done about what is still there after that.
    let _ = timeout(CUT_GRACE, free.acquire_many(slots)).await;
    Ended::Cut
}
