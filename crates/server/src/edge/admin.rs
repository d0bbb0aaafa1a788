//! Health and metrics, on a listener of their own.
//!
//! Nothing here changes anything or tells anything secret: fixed words and numbers. It listens on loopback unless the
//! operator says otherwise, and answers to address literals and `localhost` only, so that a web page which rebinds its
//! name to this address reads nothing (see [`Hosts::literals`](super::Hosts::literals)).

use super::metrics::Metrics;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Whether the server can do its work, as each of its parts sees it. Shared by reference or clone.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<&'static str, Word>>>);

/// A part's word: ready, or the reason why not.
type Word = Result<(), &'static str>;

/// One part's own word on whether it is ready.
#[derive(Clone, Debug)]
pub struct Part {
    name: &'static str,
    all: Readiness,
}

impl Readiness {
    /// Adds a part, not ready until it says so.
    #[must_use]
    pub fn part(&self, name: &'static str) -> Part {
        let part = Part { name, all: self.clone() };
        part.not_ready("starting");
        part
    }

    /// Whether every part is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.lock().values().all(Result::is_ok)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Word>> {
        // A panic cannot leave a word half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `{"store":"ready","keys":"starting"}`
    fn parts(&self) -> serde_json::Value {
        let parts = self.lock();
        let word = |state: &Word| serde_json::Value::from(state.err().unwrap_or("ready"));
        parts.iter().map(|(name, state)| ((*name).to_owned(), word(state))).collect()
    }
}

impl Part {
    /// The part can do its work.
    pub fn ready(&self) {
        self.all.lock().insert(self.name, Ok(()));
    }

    /// The part cannot do its work. `why` is shown to whoever asks, so it is a fixed word.
    pub fn not_ready(&self, why: &'static str) {
        self.all.lock().insert(self.name, Err(why));
    }
}

#[derive(Clone)]
struct Admin {
    readiness: Readiness,
    metrics: Arc<Metrics>,
}

/// The routes of the admin listener: `/health/live`, `/health/ready`, `/health`, `/metrics`.
// defends: management-surface-exposure  GET only, nothing to change, nothing secret to read.
pub fn router(readiness: Readiness, metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/health", get(health))
        .route("/metrics", get(render))
        .with_state(Admin { readiness, metrics })
}

/// The process answers: whoever asks should not restart it.
async fn live() -> Response {
    json(StatusCode::OK, &serde_json::json!({ "live": true }))
}

/// The server can do its work: whoever asks may send requests. Else 503.
async fn ready(State(admin): State<Admin>) -> Response {
    let status = status(&admin.readiness);
    json(status, &serde_json::json!({ "ready": status.is_success(), "parts": admin.readiness.parts() }))
}

/// Both in one, with the status of readiness.
async fn health(State(admin): State<Admin>) -> Response {
    let status = status(&admin.readiness);
    let parts = admin.readiness.parts();
    json(status, &serde_json::json!({ "live": true, "ready": status.is_success(), "parts": parts }))
}

async fn render(State(admin): State<Admin>) -> Response {
    let openmetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    answer(StatusCode::OK, openmetrics, admin.metrics.render())
}

fn status(readiness: &Readiness) -> StatusCode {
    if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    answer(status, "application/json", body.to_string())
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
