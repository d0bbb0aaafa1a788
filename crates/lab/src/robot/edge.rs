//! What every request must show and every answer must carry.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::ConfigError;

pub(super) struct Edge {
    origin: String,
    authority: String,
    policy: HeaderValue,
}

impl Edge {
    /// `issuer_origin` is where the connect form leads to: browsers apply `form-action` to the redirect after a form too.
    pub(super) fn new(origin: &str, issuer_origin: &str) -> Result<Self, ConfigError> {
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {issuer_origin}; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        let policy = HeaderValue::from_str(&policy).map_err(|error| ConfigError::new("robot issuer", error))?;
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        Ok(Self { origin: origin.to_owned(), authority: authority.to_owned(), policy })
    }

    fn refuses(&self, request: &Request) -> Option<StatusCode> {
        let value = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        // A page that points its own name at this machine would otherwise be same-origin with itself and read us.
        // defends: forwarded-header-forgery
        let host = value(header::HOST).or(request.uri().authority().map(|authority| authority.as_str()));
        if host != Some(&self.authority) {
            return Some(StatusCode::MISDIRECTED_REQUEST);
        }
        if request.method() == Method::POST {
            // Beside the form token: a browser that tells where a form comes from is believed. `null` is what our own
            // no-referrer pages send.
            let is_other_site =
                value(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site != "same-origin");
            let is_other_origin = value(header::ORIGIN).is_some_and(|origin| origin != "null" && origin != self.origin);
            if is_other_site || is_other_origin {
                return Some(StatusCode::FORBIDDEN);
            }
        }
        None
    }
}

pub(super) async fn guard(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let mut response = match edge.refuses(&request) {
        Some(status) => (status, "refused\n").into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, edge.policy.clone());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
