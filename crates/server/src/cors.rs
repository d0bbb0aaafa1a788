//! Pages of other origins: a client that runs in a browser may read its own answers, and nobody else's.

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::wire::parameters::Parameters;

use crate::app::Shared;
use crate::call::Call;

/// Answers a preflight. It promises nothing about the answer: whether a page may read that is decided there, by client.
/// Cookies are never let through.  defends: cors-misconfiguration
pub async fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// Opens an answer to the page that asked, if it is the client that the form names.
pub async fn for_client_of_form(app: &Shared, call: &Call, body: &Bytes, response: Response) -> Response {
    if !call.headers.contains_key(header::ORIGIN) {
        return response;
    }
    match Parameters::parse(body).ok().and_then(|mut parameters| parameters.take("client_id")) {
        Some(client_id) => for_client(app, call, &client_id, response).await,
        None => response,
    }
}

/// Opens an answer to the page that asked, if it is this client.
pub async fn for_client(app: &Shared, call: &Call, client_id: &str, mut response: Response) -> Response {
    let Some(origin) = call.sole_header(header::ORIGIN).and_then(|origin| std::str::from_utf8(origin).ok()) else {
        return response;
    };
    // A store that cannot be read opens nothing.
    let client = app.ledger.client(client_id).await.ok().flatten();
    if client.is_some_and(|client| client.runs_at(origin))
        && let Ok(origin) = HeaderValue::from_str(origin)
    {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}
