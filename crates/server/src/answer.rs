//! Answers of the back-channel endpoints: JSON, never cached.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::policy::Policy;
use protocol::rules::{ErrorCode, Refusal, Rule};
use serde::Serialize;
use store::{NotCommitted, StoreError};

/// A refusal on its way out.
#[derive(Debug)]
pub struct Refused {
    /// What is wrong.
    pub refusal: Refusal,
    /// Seconds to wait.
    pub retry_after: Option<u32>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused { refusal, retry_after: None }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        let rule = if matches!(error, StoreError::Busy) { Rule::Overloaded } else { Rule::ServerError };
        tracing::error!(%error, "the store failed");
        Refused { refusal: rule.refuse().noting(error.to_string()), retry_after: Some(1) }
    }
}

impl Refused {
    /// What a failed commit means: lost to another request, or the store is down.
    pub fn not_committed(error: NotCommitted, if_lost: Refusal) -> Refused {
        match error {
            NotCommitted::Lost => if_lost.into(),
            NotCommitted::Store(error) => error.into(),
        }
    }

    fn status(&self) -> StatusCode {
        let code = match self.refusal.rule() {
            Rule::Throttled => 429,
            Rule::RequestTooLarge => 413,
            _ => self.refusal.code().status(),
        };
        StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST)
    }

    /// The answer of the token, revocation and introspection endpoints (RFC 6749 section 5.2).
    pub fn into_json(self, policy: &Policy) -> Response {
        let status = self.status();
        let mut response = json(status, &self.body(policy));
        let headers = response.headers_mut();
        if self.refusal.code() == ErrorCode::invalid_client {
            // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"safeconduct\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// The answer of a protected resource (RFC 6750 section 3).
    pub fn into_bearer(self, policy: &Policy) -> Response {
        let mut response = json(self.status(), &self.body(policy));
        let challenge = match self.refusal.rule() {
            // "If the request lacks any authentication information … SHOULD NOT include an error code."
            // https://www.rfc-editor.org/rfc/rfc6750#section-3.1
            Rule::BearerMissing => "Bearer realm=\"safeconduct\"".to_owned(),
            _ => format!(
                "Bearer realm=\"safeconduct\", error=\"{}\", error_description=\"{}\"",
                self.refusal.code().as_str(),
                self.refusal.wire_text().as_str()
            ),
        };
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }

    fn body(&self, policy: &Policy) -> ErrorBody {
        ErrorBody {
            error: self.refusal.code().as_str(),
            error_description: self.refusal.wire_text().as_str().to_owned(),
            error_uri: policy.url(&format!("/errors/{}", self.refusal.published_rule().id())),
        }
    }
}

#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
    error_description: String,
    error_uri: String,
}

/// A JSON answer that no cache keeps.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The same for a document that is JSON already.
pub fn json_bytes(status: StatusCode, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // https://www.rfc-editor.org/rfc/rfc6749#section-5.1  defends: token-response-cached
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    // A browser must not take an answer for a page, nor another origin's page load it.
    // defends: protected-resource-injection
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// 200 without a body, which no cache keeps.
pub fn empty() -> Response {
    let mut response = json_bytes(StatusCode::OK, Body::empty());
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}
