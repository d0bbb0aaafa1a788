//! What every request must show and every answer must carry.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) struct Edge {
    origin: String,
    authority: String,
}

impl Edge {
    pub(super) fn new(origin: &str) -> Self {
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority).to_owned();
        Self { origin: origin.to_owned(), authority }
    }

    fn refuses(&self, request: &Request) -> Option<StatusCode> {
        let value = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        // A page elsewhere that points its own name at this machine would otherwise be same-origin with these.
        let host = value(header::HOST).or(request.uri().authority().map(|authority| authority.as_str()));
        if host != Some(&self.authority) {
            return Some(StatusCode::MISDIRECTED_REQUEST);
        }
        // Playing costs something. Only these pages may ask for it, and `null` is what they send without a referrer.
        let is_foreign = |origin: &str| origin != "null" && origin != self.origin;
        let is_cross = value(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site != "same-origin");
        (request.method() == Method::POST && (is_cross || value(header::ORIGIN).is_some_and(is_foreign)))
            .then_some(StatusCode::FORBIDDEN)
    }
}

pub(super) async fn guard(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let mut response = match edge.refuses(&request) {
        Some(status) => (status, "refused\n").into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
