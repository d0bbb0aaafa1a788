//! HTTP/1.1 as the probe speaks it: every byte of a request is the probe's own, and every answer is kept.
//!
//! One connection an exchange. That is slower than a pool and leaves no doubt about which answer belongs to which request.

mod burst;
mod connect;
pub mod jar;
mod read;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use url::Url;

pub use self::connect::Tls;
use crate::exchange::Exchange;
use crate::params::Params;
use crate::verdict::Stop;

/// A request, before it is bytes.
#[derive(Debug, Clone)]
pub struct Request {
    /// What it is for, in a few words.
    pub what: String,
    /// The method, sent as it is.
    pub method: String,
    /// Where to. The fragment is not sent.
    pub url: Url,
    /// Headers in order; `Host`, `Connection` and `Content-Length` are added unless they are here.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET.
    pub fn get(what: impl Into<String>, url: Url) -> Self {
        Self { what: what.into(), method: "GET".into(), url, headers: Vec::new(), body: Vec::new() }
    }

    /// A POST of a form.
    pub fn form(what: impl Into<String>, url: Url, params: &Params) -> Self {
        Self::get(what, url).post("application/x-www-form-urlencoded", params.encode())
    }

    /// Makes it a POST of this body.
    #[must_use]
    pub fn post(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.method = "POST".into();
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// Adds a header, even if one of that name is there.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(found, _)| found.eq_ignore_ascii_case(name))
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let path = &self.url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut head = format!("{} {path} HTTP/1.1\r\n", self.method);
        if !self.has("host") {
            head += &format!("Host: {}\r\n", &self.url[url::Position::BeforeHost..url::Position::AfterPort]);
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        for (name, value) in [("Accept", "*/*"), ("User-Agent", "safeconduct-probe"), ("Connection", "close")] {
            if !self.has(name) {
                head += &format!("{name}: {value}\r\n");
            }
        }
        if !self.has("content-length") && !self.has("transfer-encoding") && (!self.body.is_empty() || self.method == "POST") {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers in order, as they came.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`read::MOST_BODY`] bytes of it.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// All headers of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Seconds to wait, where the answer names them (RFC 9110 section 10.2.3). A date counts as none.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.header("retry-after")?.trim().parse().ok()
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, null if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether it says that it is HTML, or looks like it.
    #[must_use]
    pub fn is_html(&self) -> bool {
        match self.header("content-type") {
            Some(kind) => kind.to_ascii_lowercase().contains("html"),
            None => self.body.trim_ascii_start().starts_with(b"<"),
        }
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody listens, the name is unknown, or TLS failed.
    #[error("cannot connect to {0}: {1}")]
    Connect(String, String),
    /// What came is not HTTP, or broke off.
    #[error("no whole HTTP answer from {0}: {1}")]
    Garbage(String, String),
    /// The probe only speaks to the target.
    #[error("{0} is not part of the target; list its origin under `origins` in the target file if it is")]
    Outside(String),
    /// Too slow.
    #[error("no answer from {0} within {1} s")]
    Slow(String, u64),
    /// The bound on the number of requests of a run is reached.
    #[error("the run's bound of {0} requests is reached (limits.requests in the target file)")]
    Spent(u64),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Inconclusive(fault.to_string())
    }
}

/// What a run may do to its target.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Time for one exchange.
    pub exchange: Duration,
    /// Requests per second, over all cases.
    pub per_second: u32,
    /// Requests in the whole run.
    pub requests: u64,
    /// Origins that may be spoken to.
    pub origins: BTreeSet<String>,
}

struct Pace {
    sent: AtomicU64,
    next: tokio::sync::Mutex<Instant>,
}

/// Sends requests and keeps what went over the wire. Clones share the pace; [`Http::recorder`] gives a fresh record.
#[derive(Clone)]
pub struct Http {
    bounds: Arc<Bounds>,
    pace: Arc<Pace>,
    tls: Tls,
    record: Arc<Mutex<Vec<Exchange>>>,
    from: Option<Ipv4Addr>,
}

/// Exchanges that one case keeps as evidence at most; what is in the middle of a long row is left out.
const MOST_KEPT: usize = 60;

impl Http {
    /// For one run.
    #[must_use]
    pub fn new(bounds: Bounds, tls: Tls) -> Self {
        let pace = Pace { sent: AtomicU64::new(0), next: tokio::sync::Mutex::new(Instant::now()) };
        Self { bounds: Arc::new(bounds), pace: Arc::new(pace), tls, record: Arc::default(), from: None }
    }

    /// The same, with an empty record.
    #[must_use]
    pub fn recorder(&self) -> Self {
        Self { record: Arc::default(), ..self.clone() }
    }

    /// The same, with the same record, from another address of this machine: for what must not be counted against the
    /// honest address. Counts only where the target is an IPv4 loopback address.
    #[must_use]
    pub fn from(&self, address: Ipv4Addr) -> Self {
        Self { from: Some(address), ..self.clone() }
    }

    /// What was recorded, in order.
    #[must_use]
    pub fn recorded(&self) -> Vec<Exchange> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests the run has sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.pace.sent.load(Ordering::Relaxed)
    }

    /// Whether the URL's origin is part of the target.
    #[must_use]
    pub fn is_inside(&self, url: &Url) -> bool {
        self.bounds.origins.contains(&url.origin().ascii_serialization())
    }

    /// Keeps an exchange that was made elsewhere (by a browser).
    pub fn keep(&self, exchange: Exchange) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record.len() >= MOST_KEPT {
            record.remove(MOST_KEPT / 2);
        }
        record.push(exchange);
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// [`Fault`], with the host and the cause; never the request.
    pub async fn send(&self, request: &Request) -> Result<Answer, Fault> {
        self.send_bytes(&request.what, &request.url, &request.bytes()).await
    }

    /// Sends these bytes, whatever they are, to the URL's host and port, and reads one answer.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn send_bytes(&self, what: &str, url: &Url, bytes: &[u8]) -> Result<Answer, Fault> {
        if !self.is_inside(url) {
            return Err(Fault::Outside(url.origin().ascii_serialization()));
        }
        self.wait_for_turn().await?;
        let started = Instant::now();
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let result = match timeout(self.bounds.exchange, self.exchange(url, &host, bytes)).await {
            Ok(result) => result,
            Err(_) => Err(Fault::Slow(host, self.bounds.exchange.as_secs())),
        };
        let mut exchange = Exchange {
            what: what.to_owned(),
            request: shortened(bytes),
            millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..Exchange::default()
        };
        match &result {
            Ok(answer) => exchange.response = read::show(answer),
            Err(fault) => exchange.failure = Some(fault.to_string()),
        }
        self.keep(exchange);
        result
    }

    async fn exchange(&self, url: &Url, host: &str, bytes: &[u8]) -> Result<Answer, Fault> {
        let mut stream = self.tls.connect(url, self.from).await.map_err(|error| Fault::Connect(host.to_owned(), error))?;
        // A server may answer and close before it has read all: the answer counts, not the broken pipe.
        let written = stream.write_all(bytes).await.and(stream.flush().await);
        let head_only = bytes.starts_with(b"HEAD ");
        match read::answer(&mut stream, head_only).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(Fault::Garbage(host.to_owned(), written.err().map_or(error, |error| error.to_string()))),
        }
    }

    async fn wait_for_turn(&self) -> Result<(), Fault> {
        if self.pace.sent.fetch_add(1, Ordering::Relaxed) >= self.bounds.requests {
            return Err(Fault::Spent(self.bounds.requests));
        }
        let step = Duration::from_secs(1) / self.bounds.per_second.max(1);
        let turn = {
            let mut next = self.pace.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + step;
            turn
        };
        tokio::time::sleep_until(turn.into()).await;
        Ok(())
    }
}

/// Bytes of a request that evidence shows at most.
const MOST_SHOWN: usize = 16 * 1024;

/// A request as evidence shows it: of a flood of bytes the beginning, and how many there were.
fn shortened(bytes: &[u8]) -> String {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_SHOWN)]).into_owned();
    if bytes.len() > MOST_SHOWN { format!("{shown}\n[… {} bytes in all]", bytes.len()) } else { shown }
}
