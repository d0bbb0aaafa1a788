//! One connection from handshake to end: which protocol, under which limits, and when it is over.

use super::address::Transport;
use super::listener::{Phase, Shared};
use super::metrics::ConnectionRefused;
use super::request::{self, App};
use super::signal::{Sighting, Signal};
use super::wire::{Activity, Protocol, Wire};
use crate::config::Limits;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// What is to be done with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet: ask again after this time.
    AskIn(Duration),
    /// Nobody uses it: end it in order.
    Close,
    /// It is used up by someone who does not get on: drop it.
    Cut,
}

/// A connection's facts, shared by its requests.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) socket: SocketAddr,
    pub(super) transport: Transport,
    pub(super) activity: Arc<Activity>,
}

/// HTTP settings that depend on limits only, made once.
pub(super) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Protocols {
    pub(super) fn new(limits: &Limits) -> Self {
        // defends: dos-expensive-input  this whole function.
        let header_bytes = limits.header_bytes.get();
        let mut http1 = http1::Builder::new();
        http1
            .header_read_timeout(None) // our own, see `wire`
            .max_header_size(header_bytes as usize)
            .max_buf_size((header_bytes as usize).max(64 * 1024));
        if limits.header_count.get() != 100 {
            http1.max_headers(limits.header_count.size()); // 100 is hyper's own and free
        }
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.http2_streams.get())
            .max_pending_accept_reset_streams(limits.http2_resets.size())
            .max_local_error_reset_streams(limits.http2_resets.size())
            .max_header_list_size(header_bytes)
            .initial_stream_window_size(65_535)
            .initial_connection_window_size(1024 * 1024)
            .max_send_buf_size(64 * 1024)
            .keep_alive_interval(limits.keep_alive_idle.duration())
            .keep_alive_timeout(limits.header_time.duration());
        Self { http1, http2 }
    }
}

/// Serves `stream` to its end.
pub(super) async fn serve<A: App>(shared: Arc<Shared>, app: A, stream: TcpStream, socket: SocketAddr) {
    // Answers are small: waiting to fill a packet would only delay them. A socket that refuses is about to fail anyway.
    let _ = stream.set_nodelay(true);
    match shared.certificates.as_ref().map(|certificates| certificates.current()) {
        None => {
            let connection = Connection::new(shared, socket, Transport::Plain);
            let limit = connection.shared.limits.header_time.duration();
            // defends: dos-expensive-input  a connection that never says anything.
            let opening = connection.shared.open(limit, Wire::sniff(stream, &connection.activity)).await;
            match opening {
                Opening::Open((wire, protocol)) => connection.speak(app, wire, protocol).await,
                Opening::Slow => connection.shared.metrics.connection_refused(ConnectionRefused::SlowHeaders),
                Opening::Failed | Opening::Stopped => {}
            }
        }
        Some(config) => {
            let limit = shared.limits.tls_handshake.duration();
            // defends: dos-expensive-input  a half-open handshake.
            match shared.open(limit, TlsAcceptor::from(config).accept(stream)).await {
                Opening::Open(stream) => {
                    let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    let protocol = if h2 { Protocol::Http2 } else { Protocol::Http1 };
                    let connection = Connection::new(shared, socket, Transport::Tls);
                    let wire = Wire::known(stream, protocol, &connection.activity);
                    connection.speak(app, wire, protocol).await;
                }
                Opening::Failed | Opening::Slow => shared.metrics.connection_refused(ConnectionRefused::Handshake),
                Opening::Stopped => {}
            }
        }
    }
}

/// What became of the first bytes of a connection.
enum Opening<T> {
    Failed,
    Open(T),
    Slow,
    /// The server stops, and nobody waits for an answer here.
    Stopped,
}

impl Shared {
    /// Gives `opening` its time, but no longer than the server runs.
    async fn open<T>(&self, limit: Duration, opening: impl Future<Output = io::Result<T>>) -> Opening<T> {
        let mut phase = self.phase.subscribe();
        tokio::select! {
            biased;
            opened = timeout(limit, opening) => match opened {
                Ok(Ok(opened)) => Opening::Open(opened),
                Ok(Err(_)) => Opening::Failed,
                Err(_) => Opening::Slow,
            },
            _ = phase.wait_for(|phase| *phase != Phase::Serving) => Opening::Stopped,
        }
    }
}

impl Connection {
    fn new(shared: Arc<Shared>, socket: SocketAddr, transport: Transport) -> Arc<Self> {
        Arc::new(Self { shared, socket, transport, activity: Arc::new(Activity::new()) })
    }

    async fn speak<A, T>(self: Arc<Self>, app: A, wire: Wire<T>, protocol: Protocol)
    where
        A: App,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let io = TokioIo::new(wire);
        let connection = Arc::clone(&self);
        let service = service_fn(move |request| {
            let (connection, app) = (Arc::clone(&connection), app.clone());
            async move { Ok::<_, Infallible>(request::answer(connection, app, request).await) }
        });
        match protocol {
            Protocol::Http1 => {
                let connection = self.shared.protocols.http1.serve_connection(io, service);
                self.drive(pin!(connection), |connection| connection.graceful_shutdown()).await;
            }
            Protocol::Http2 => {
                let connection = self.shared.protocols.http2.serve_connection(io, service);
                self.drive(pin!(connection), |connection| connection.graceful_shutdown()).await;
            }
        }
    }

    /// Runs `connection` until it ends, its time is up, or the server stops. `close` ends it after the running requests.
    async fn drive<C>(&self, mut connection: Pin<&mut C>, close: impl Fn(Pin<&mut C>))
    where
        C: Future<Output = hyper::Result<()>>,
    {
        let limits = &self.shared.limits;
        let mut phase = self.shared.phase.subscribe();
        // The stop may have come before the subscription, which would not count it as a change.
        phase.mark_changed();
        let mut closing = false;
        let mut timer = pin!(sleep(limits.header_time.duration()));
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    self.ended(&ended);
                    return;
                }
                changed = phase.changed() => {
                    let now = *phase.borrow_and_update();
                    if changed.is_err() || now == Phase::Cut {
                        return;
                    }
                    if now == Phase::Draining {
                        close(connection.as_mut());
                        closing = true;
                    }
                }
                () = timer.as_mut() => {
                    let next = match self.activity.verdict(limits) {
                        Verdict::AskIn(wait) => wait,
                        Verdict::Close if !closing => {
                            close(connection.as_mut());
                            closing = true;
                            limits.header_time.duration()
                        }
                        Verdict::Close => return, // told to close before, and still here: nobody reads the answer
                        Verdict::Cut => {
                            self.shared.metrics.connection_refused(ConnectionRefused::SlowHeaders);
                            return;
                        }
                    };
                    timer.as_mut().reset(Instant::now() + next);
                }
            }
        }
    }

    /// hyper has answered what it could not read; some of that is worth an event.
    fn ended(&self, result: &hyper::Result<()>) {
        let Err(error) = result else { return };
        if error.is_parse_too_large() {
            self.shared.reporter.report(Sighting {
                signal: Signal::RequestTooLarge,
                address: self.socket.ip().to_canonical(),
                detail: "headers",
            });
        }
        tracing::debug!(peer = %self.socket, %error, "connection ended");
    }
}
