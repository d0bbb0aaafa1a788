//! A listener on a loopback port and clients that speak bytes.

use crate::config::{Amount, Limits, Span, Tls};
use crate::edge::{App, Ended, Hosts, Listener, Metrics, Options, Proxies, Sighting, SignalSink};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// The smallest bounds, so that tests are short.
pub(super) fn quick() -> Limits {
    Limits {
        tls_handshake: Span::new(1).expect("in bounds"),
        header_time: Span::new(1).expect("in bounds"),
        header_bytes: Amount::new(8_192).expect("in bounds"),
        body_bytes: Amount::new(16_384).expect("in bounds"),
        body_time: Span::new(1).expect("in bounds"),
        request_time: Span::new(2).expect("in bounds"),
        keep_alive_idle: Span::new(1).expect("in bounds"),
        ..Limits::default()
    }
}

/// A log to read.
#[derive(Clone, Default)]
pub(in crate::edge) struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub(in crate::edge) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic")).into_owned()
    }
}

impl std::io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct Signals(Mutex<Vec<&'static str>>);

impl SignalSink for Signals {
    fn report(&self, sighting: Sighting) {
        self.0.lock().expect("no panic").push(sighting.signal.as_str());
    }
}

pub(super) struct Stage {
    pub(super) address: SocketAddr,
    metrics: Arc<Metrics>,
    signals: Arc<Signals>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Ended>,
}

impl Stage {
    pub(super) async fn start(app: impl App, limits: Limits) -> Self {
        Self::with(app, limits, None, Proxies::default()).await
    }

    pub(super) async fn behind_proxy(app: impl App, limits: Limits) -> Self {
        let networks = serde_json::from_str::<Vec<_>>("[\"127.0.0.1\"]").expect("a network");
        Self::with(app, limits, None, Proxies::new(&networks)).await
    }

    pub(super) async fn with(app: impl App, limits: Limits, tls: Option<Tls>, proxies: Proxies) -> Self {
        let (metrics, signals) = (Arc::new(Metrics::new("")), Arc::new(Signals::default()));
        let listener = Listener::bind(Options {
            listen: "127.0.0.1:0".parse().expect("an address"),
            tls,
            limits,
            proxies,
            shutdown_grace: Duration::from_secs(1),
            metrics: Arc::clone(&metrics),
            signals: Arc::clone(&signals) as Arc<dyn SignalSink>,
        })
        .await
        .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let hosts = Hosts::literals(&["test".to_owned()]);
        let served = tokio::spawn(listener.serve(app, hosts, async move {
            let _ = stopped.await;
        }));
        Self { address, metrics, signals, stop, served }
    }

    pub(super) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.expect("accepted"))
    }

    pub(super) fn stop(self) -> JoinHandle<Ended> {
        let _ = self.stop.send(());
        self.served
    }

    pub(super) fn signals(&self) -> Vec<&'static str> {
        self.signals.0.lock().expect("no panic").clone()
    }

    pub(super) fn expect_signal(&self, signal: &str) {
        assert!(self.signals().contains(&signal), "{:?}", self.signals());
    }

    pub(super) fn expect_metric(&self, line: &str) {
        let text = self.metrics.render();
        assert!(text.contains(&format!("safeconduct_{line}\n")), "{line}\n{text}");
    }

    /// Waits until a metric reads so.
    pub(super) async fn eventually(&self, line: &str) {
        let deadline = Instant::now() + Duration::from_secs(6);
        while !self.metrics.render().contains(&format!("safeconduct_{line}\n")) {
            assert!(Instant::now() < deadline, "{line}\n{}", self.metrics.render());
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A client that says what it is told.
pub(super) struct Client(TcpStream);

impl Client {
    /// Whether the bytes could be sent.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Sends a request and reads the answer: to the end of its `content-length`, or of the connection.
    pub(super) async fn exchange(&mut self, request: &str) -> String {
        self.send(request.as_bytes()).await;
        self.read_answer().await
    }

    pub(super) async fn read_answer(&mut self) -> String {
        let mut read = Vec::new();
        let mut buffer = [0; 4_096];
        loop {
            let more = timeout(Duration::from_secs(5), self.0.read(&mut buffer)).await.expect("an answer in time");
            match more {
                Ok(0) | Err(_) => break,
                Ok(length) => read.extend_from_slice(&buffer[..length]),
            }
            if is_complete(&String::from_utf8_lossy(&read)) {
                break;
            }
        }
        String::from_utf8_lossy(&read).into_owned()
    }

    pub(super) async fn read_exactly(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        timeout(Duration::from_secs(5), self.0.read_exact(&mut bytes)).await.expect("in time").expect("all of it");
        bytes
    }

    /// Whether the server has closed by now.
    pub(super) async fn is_closed(&mut self) -> bool {
        self.closes_within(Duration::from_millis(1)).await
    }

    /// Reads whatever comes until the end; whether that came in time.
    pub(super) async fn closes_within(&mut self, limit: Duration) -> bool {
        let mut buffer = [0; 4_096];
        let drained = async { while matches!(self.0.read(&mut buffer).await, Ok(length) if length > 0) {} };
        timeout(limit, drained).await.is_ok()
    }
}

fn is_complete(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}
