//! Registration requests (RFC 7591) and requests of the management protocol (RFC 7592).

use serde_json::{Value, json};
use url::Url;

use crate::cx::Cx;
use crate::http::{Answer, Request};
use crate::verdict::Stop;

/// An answer of the registration endpoint.
pub(super) struct Registered {
    pub(super) status: u16,
    pub(super) json: Value,
}

impl Registered {
    fn of(answer: &Answer) -> Self {
        Self { status: answer.status, json: answer.json() }
    }

    /// Whether there is a client now.
    pub(super) fn is_made(&self) -> bool {
        self.status < 300 && self.json["client_id"].is_string()
    }

    /// One member that is a string.
    pub(super) fn member(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }
}

/// What an ordinary web client registers.
pub(super) fn ordinary() -> Value {
    json!({
        "client_name": "A client of the probe",
        "redirect_uris": ["https://registered.client.example/callback"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
    })
}

/// The members of `ordinary`, with these instead.
pub(super) fn with(members: Value) -> Value {
    let mut all = ordinary();
    if let (Some(all), Value::Object(members)) = (all.as_object_mut(), members) {
        all.extend(members);
    }
    all
}

/// Registers as somebody without a token.
///
/// # Errors
/// Inconclusive, with the cause.
pub(super) async fn as_stranger(cx: &Cx, metadata: &Value) -> Result<Registered, Stop> {
    send(cx, metadata, None).await
}

/// Registers with the target's initial access token if it has one: for cases that are not about who may register.
///
/// # Errors
/// Inconclusive, if no ordinary client can be registered so.
pub(super) async fn honestly(cx: &Cx, metadata: &Value) -> Result<Registered, Stop> {
    let registered = send(cx, metadata, cx.target().operator.initial_access_token.as_deref()).await?;
    if registered.is_made() {
        return Ok(registered);
    }
    let status = registered.status;
    Err(Stop::inconclusive(format!(
        "an ordinary registration was answered with status {status}, and without it nothing can be compared"
    )))
}

/// Registers with this token.
///
/// # Errors
/// Inconclusive, with the cause.
pub(super) async fn send(cx: &Cx, metadata: &Value, token: Option<&str>) -> Result<Registered, Stop> {
    let url = cx.endpoint("registration_endpoint")?;
    let mut request = Request::get("registration", url).post("application/json", metadata.to_string());
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    Ok(Registered::of(&cx.send(&request).await?))
}

/// A request to a client's own configuration endpoint.
///
/// # Errors
/// Inconclusive, with the cause.
pub(super) async fn manage(
    cx: &Cx,
    client: &Registered,
    method: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<Registered, Stop> {
    let text = client.member("registration_client_uri");
    let url = Url::parse(text).map_err(|_| {
        Stop::NotApplicable("registered clients get no registration_client_uri, so none can be managed".into())
    })?;
    let mut request = Request::get("client configuration request", url);
    if let Some(body) = body {
        request = request.post("application/json", body.to_string());
    }
    method.clone_into(&mut request.method);
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    Ok(Registered::of(&cx.send(&request).await?))
}
