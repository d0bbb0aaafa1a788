//! One request at the edge: may it come in, and does it end in time?

use super::address::{Forwarded, Peer, Unacceptable};
use super::body::{BoundedBody, Progress, Watch};
use super::connection::Connection;
use super::host::HostVerdict;
use super::signal::{Sighting, Signal};
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Request, StatusCode, Version, header};
use hyper::body::{Body as _, Incoming};
use std::any::Any;
use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::time::{Instant, timeout};
use tower::Service;

/// What answers requests behind the edge: an axum `Router`, or any tower service of that shape.
pub trait App:
    Service<Request<BoundedBody>, Response = Response, Error = Infallible, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> App for S where
    S: Service<Request<BoundedBody>, Response = Response, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Answers `request`, by `app` when it may come in.
pub(super) async fn answer<A: App>(connection: Arc<Connection>, app: A, request: Request<Incoming>) -> Response {
    let _running = connection.activity.request();
    let shared = &connection.shared;
    let start = Instant::now();
    let version = request.version();
    let endpoint = shared.metrics.endpoint(request.uri().path());
    let mut response = match admit(&connection, request) {
        Ok((request, watch)) => run(&connection, app, request, watch).await,
        Err(refusal) => refusal.response(),
    };
    if response.extensions().get::<Refusal>().is_some_and(|refusal| refusal.ends_connection())
        && version < Version::HTTP_2
    {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    shared.metrics.request_at(endpoint, response.status().as_u16(), start.elapsed());
    response
}

/// Why the edge itself answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    BodyTooLarge,
    BodyTooSlow,
    ForgedCertificate,
    HostMissing,
    HostUnknown,
    Panicked,
    Plaintext,
    TimedOut,
}

impl Refusal {
    fn status_and_text(self) -> (StatusCode, &'static str) {
        match self {
            Refusal::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large.\n"),
            Refusal::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, "The request body did not arrive in time.\n"),
            Refusal::ForgedCertificate => {
                (StatusCode::BAD_REQUEST, "Client certificate headers are not accepted here.\n")
            }
            Refusal::HostMissing => (StatusCode::BAD_REQUEST, "The request needs exactly one Host.\n"),
            Refusal::HostUnknown => {
                (StatusCode::MISDIRECTED_REQUEST, "This server does not answer under that host name.\n")
            }
            Refusal::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side.\n"),
            Refusal::Plaintext => (StatusCode::FORBIDDEN, "This server is reached over https only.\n"),
            Refusal::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "The request took too long.\n"),
        }
    }

    /// Whether what the client still sends must not be read.
    fn ends_connection(self) -> bool {
        matches!(self, Refusal::BodyTooLarge | Refusal::BodyTooSlow | Refusal::ForgedCertificate | Refusal::Plaintext)
    }

    /// Fixed words only.  defends: secrets-in-logs-and-errors
    fn response(self) -> Response {
        let (status, text) = self.status_and_text();
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.extensions_mut().insert(self);
        response
    }
}

/// Host, way and announced size, before anything of the request is looked at.
fn admit(connection: &Connection, request: Request<Incoming>) -> Result<(Request<BoundedBody>, Watch), Refusal> {
    let shared = &connection.shared;
    let socket = connection.socket.ip();
    let report = |signal, address: IpAddr, detail| {
        shared.reporter.report(Sighting { signal, address: address.to_canonical(), detail });
    };
    let provenance =
        shared.proxies.resolve(socket, connection.transport, request.headers()).map_err(|unacceptable| {
            match unacceptable {
                Unacceptable::CertificateHeader => {
                    report(Signal::ForwardedHeaderRejected, socket, "client certificate header");
                    Refusal::ForgedCertificate
                }
                Unacceptable::Plaintext => {
                    report(Signal::PlaintextRequest, socket, "plain http");
                    Refusal::Plaintext
                }
            }
        })?;
    if provenance.forwarded == Forwarded::Ignored {
        report(Signal::ForwardedHeaderRejected, provenance.client, "header ignored");
    }
    match shared.hosts.check(&request) {
        HostVerdict::Known => {}
        HostVerdict::Missing => return Err(Refusal::HostMissing),
        HostVerdict::Unknown => {
            if let Some(signal) = shared.hosts.signal() {
                report(signal, provenance.client, "unknown host name");
            }
            return Err(Refusal::HostUnknown);
        }
    }
    let most = u64::from(shared.limits.body_bytes.get());
    // defends: dos-expensive-input  what is announced too large is not even read.
    if request.body().size_hint().lower() > most {
        report(Signal::RequestTooLarge, provenance.client, "body");
        return Err(Refusal::BodyTooLarge);
    }
    let (mut head, body) = request.into_parts();
    head.extensions.insert(Peer {
        socket: connection.socket,
        client: provenance.client,
        transport: connection.transport,
    });
    let (body, watch) = BoundedBody::new(body, most);
    Ok((Request::from_parts(head, body), watch))
}

/// Runs the application within its time, and survives its panics.
async fn run<A: App>(connection: &Connection, app: A, request: Request<BoundedBody>, watch: Watch) -> Response {
    let shared = &connection.shared;
    let (body_time, request_time) = (shared.limits.body_time.duration(), shared.limits.request_time.duration());
    let mut outcome = pin!(catch_panic(app, request));
    let ended = match timeout(body_time, outcome.as_mut()).await {
        Ok(ended) => ended,
        // defends: dos-expensive-input  a body that trickles in.
        Err(_) if watch.progress() == Progress::Reading => return Refusal::BodyTooSlow.response(),
        Err(_) => match timeout(request_time.saturating_sub(body_time), outcome).await {
            Ok(ended) => ended,
            Err(_) => return Refusal::TimedOut.response(),
        },
    };
    if watch.progress() == Progress::TooLarge {
        shared.reporter.report(Sighting {
            signal: Signal::RequestTooLarge,
            address: connection.socket.ip().to_canonical(),
            detail: "body",
        });
        return Refusal::BodyTooLarge.response();
    }
    ended.unwrap_or_else(|_payload| {
        // The payload may quote a secret; the panic hook has told the place.  defends: secrets-in-logs-and-errors
        shared.metrics.panicked();
        tracing::error!("a request panicked");
        Refusal::Panicked.response()
    })
}

/// Calls `app`; a panic becomes an error and takes down this request only.
async fn catch_panic<A: App>(mut app: A, request: Request<BoundedBody>) -> Result<Response, Box<dyn Any + Send>> {
    // What a panic leaves half done is dropped with the request; shared state is behind locks that notice.
    let mut call = pin!(async move {
        let Ok(()) = std::future::poll_fn(|cx| app.poll_ready(cx)).await;
        let Ok(response) = app.call(request).await;
        response
    });
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(payload) => Poll::Ready(Err(payload)),
    })
    .await
}
