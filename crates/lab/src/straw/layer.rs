//! The layer in front of the honest server.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use serde_json::Value;
use server::config::Config;
use server::edge::{Peer, Transport};
use std::net::{Ipv4Addr, SocketAddr};

use super::backdoor::Straw;
use super::exchange::{Answer, Ask, Site};
use super::wire::Rewire;

/// Bytes of a body that a lying straw holds in memory. The server's edge refuses less.
const MOST: usize = 2 * 1024 * 1024;

/// What [`Weakness::handle`] returns.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// One way to be weak. It must stay honest in everything else: what it does to requests that are no attack shows in the
/// controls of the probe, and what it opens besides shows as a false alarm.
///
/// Implement as little as will do: [`ask`](Self::ask) and [`answer`](Self::answer) for a change on the way in or out,
/// [`handle`](Self::handle) for everything else.
pub trait Weakness: Send + Sync {
    /// Changes the server's configuration before it starts.
    fn configure(&self, _config: &mut Config) {}

    /// Changes a client's metadata before it is registered. `role` is its role in the target file.
    fn register(&self, _role: &str, _metadata: &mut Value) {}

    /// Rewrites requests on the wire, before the server's edge can refuse them. Keep what it takes away in a header of
    /// another name, for [`ask`](Self::ask) to see.
    fn wire(&self) -> Option<Rewire> {
        None
    }

    /// Changes a request before the server sees it.
    fn ask(&self, _straw: &Straw, _ask: &mut Ask) {}

    /// Changes an answer before the client sees it. `ask` is the request as the server saw it.
    fn answer(&self, _straw: &Straw, _ask: &Ask, _answer: &mut Answer) {}

    /// The whole way of one request: ask the rest of the straw by `next`, as often as needed, or answer without it.
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            self.ask(straw, &mut ask);
            let mut answer = next.run(ask.clone()).await;
            self.answer(straw, &ask, &mut answer);
            answer
        })
    }
}

/// The weaknesses behind this one, and the honest server behind them.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    straw: &'a Straw,
    rest: &'a [Box<dyn Weakness>],
}

impl Next<'_> {
    /// What they answer.
    pub async fn run(self, ask: Ask) -> Answer {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle(self.straw, ask, Next { straw: self.straw, rest }).await,
            None => self.straw.honest(ask).await,
        }
    }
}

/// The layer of one site.
#[derive(Clone)]
pub(super) struct Layer {
    pub(super) site: Site,
    pub(super) straw: Arc<Straw>,
    pub(super) weak: Arc<Vec<Box<dyn Weakness>>>,
}

/// Takes a request in, and gives what the first weakness answers.
pub(super) async fn lie(State(layer): State<Layer>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    // The edge knows why a body cannot be read, and answers in our place.
    let Ok(body) = to_bytes(body, MOST).await else { return StatusCode::BAD_REQUEST.into_response() };
    let nobody = || {
        let socket = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        Peer { socket, client: socket.ip(), transport: Transport::Plain }
    };
    let ask = Ask {
        site: layer.site,
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body,
        peer: head.extensions.get::<Peer>().copied().unwrap_or_else(nobody),
    };
    let next = Next { straw: &layer.straw, rest: &layer.weak };
    next.run(ask).await.into_response()
}
