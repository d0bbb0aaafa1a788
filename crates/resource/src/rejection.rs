//! A refusal as an HTTP response.

use http::{HeaderValue, Response, StatusCode, header};
use protocol::resource::Refusal;

/// Headers of every answer of a protected API, good or bad: nothing is stored, sniffed, framed or told to other sites.
// defends: leak-in-http-proxies, token-response-cached, protected-resource-injection
const GUARDED: [(header::HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::VARY, "Authorization"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
];

pub(crate) fn guard_headers<B>(response: &mut Response<B>) {
    for (name, value) in GUARDED {
        if name == header::VARY {
            response.headers_mut().append(name, HeaderValue::from_static(value));
        } else {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
}

/// A refused call: the refusal and the scopes that the route demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    refusal: Refusal,
    scope: Vec<String>,
}

impl Rejection {
    pub(crate) fn new(refusal: Refusal, scope: &[String]) -> Self {
        Self { refusal, scope: scope.to_vec() }
    }

    /// The exact reason, for the log.
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// Status, `WWW-Authenticate` and a short JSON body (RFC 6750 section 3). Nothing of the request is in it.
    pub fn into_response<B: From<String>>(self) -> Response<B> {
        let code = self.refusal.error().unwrap_or("unauthorized");
        let text = self.refusal.description().unwrap_or("send an access token in the Authorization header");
        let body = match self.refusal {
            Refusal::Unavailable => r#"{"error":"temporarily_unavailable"}"#.to_owned(),
            _ => format!(r#"{{"error":"{code}","error_description":"{text}"}}"#),
        };
        let mut response = Response::new(B::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if self.refusal == Refusal::Unavailable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        } else if let Ok(challenge) = HeaderValue::from_str(&self.refusal.challenge(&self.scope)) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        guard_headers(&mut response);
        response
    }
}
