//! Dynamic client registration (RFC 7591), for cases that wish for a client that must not be.

use serde_json::Value;
use url::Url;

use crate::cx::Cx;
use crate::http::Request;
use crate::verdict::Stop;

/// Registers a client, and removes it again where the server allows (RFC 7592). `None` if the server refuses it.
///
/// # Errors
/// Inconclusive, if the endpoint is missing, in trouble, or wants a token that the target file does not have.
pub(super) async fn client(cx: &Cx, wish: &Value) -> Result<Option<Value>, Stop> {
    let url = cx.endpoint("registration_endpoint")?;
    let mut request = Request::get("client registration", url).post("application/json", wish.to_string());
    let token = &cx.target().operator.initial_access_token;
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let answer = cx.send(&request).await?;
    let made = answer.json();
    match answer.status {
        200 | 201 if made["client_id"].is_string() => {
            remove(cx, &made).await?;
            Ok(Some(made))
        }
        401 | 403 if token.is_none() => Err(Stop::inconclusive(
            "registration wants a token, and the target file has no `operator.initial_access_token`",
        )),
        400..429 => Ok(None),
        status => Err(Stop::inconclusive(format!("the registration was answered with status {status}"))),
    }
}

async fn remove(cx: &Cx, made: &Value) -> Result<(), Stop> {
    let place = made["registration_client_uri"].as_str().and_then(|uri| Url::parse(uri).ok());
    if let (Some(url), Some(token)) = (place, made["registration_access_token"].as_str())
        && cx.http.is_inside(&url)
    {
        let mut request = Request::get("removal of the client", url).header("Authorization", format!("Bearer {token}"));
        request.method = "DELETE".into();
        cx.send(&request).await?;
    }
    Ok(())
}
