//! Metadata (RFC 8414, OpenID Discovery) and keys (RFC 7517).

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use protocol::wire::metadata;

use crate::answer::{json, json_bytes};
use crate::app::Shared;

/// The metadata document, at both well-known addresses.
pub async fn metadata(State(app): State<Shared>) -> Response {
    let keys = app.keys.load();
    public(json(StatusCode::OK, &metadata::document(&app.policy, &keys.algorithms())))
}

/// The public keys.
pub async fn jwks(State(app): State<Shared>) -> Response {
    let mut response = public(json_bytes(StatusCode::OK, app.keys.load().document().to_owned()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    response
}

/// Public documents: any origin may read them, and caches keep them for a short while. They hold nothing of anybody, and
/// no credential goes with the request, so the star is safe here and nowhere else.  defends: cors-misconfiguration
fn public(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.remove(header::PRAGMA);
    response
}
