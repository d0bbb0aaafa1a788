//! An authorization server of the attacker's, for the mix-up. It signs nobody in: it sends the browser on to the honest
//! server, in the client's own name there, and waits for the client to bring it the code.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::BASE64;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::Malicious;

/// What the counterfeit server needs to know.
#[derive(Clone, Debug)]
pub struct CounterfeitConfig {
    /// Its own issuer: its origin, without a trailing slash.
    pub issuer: String,
    /// The authorization endpoint of the honest server.
    pub honest_authorization_endpoint: String,
    /// The client's identifier at the honest server, which is public.
    pub honest_client_id: String,
}

struct Counterfeit {
    config: CounterfeitConfig,
    robot: Arc<Malicious>,
}

type Shared = State<Arc<Counterfeit>>;
type Pairs = Vec<(String, String)>;

/// The server as a router. What it is brought, `robot` keeps.
pub fn router(config: CounterfeitConfig, robot: Arc<Malicious>) -> Router {
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/jwks", get(|| async { Json(json!({ "keys": [] })) }))
        .with_state(Arc::new(Counterfeit { config, robot }))
}

/// In perfect order, but for what it leaves out: that its answers carry `iss`.
async fn metadata(State(server): Shared) -> Json<Value> {
    let issuer = &server.config.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

async fn authorize(State(server): Shared, Query(mut request): Query<Pairs>) -> Redirect {
    for (name, value) in &mut request {
        if name == "client_id" {
            value.clone_from(&server.config.honest_client_id);
        }
    }
    request.retain(|(name, _)| name != "resource");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&request).finish();
    Redirect::to(&format!("{}?{query}", server.config.honest_authorization_endpoint))
}

/// Keeps the code and whatever proves the client, and breaks off.
async fn token(State(server): Shared, headers: HeaderMap, Form(form): Form<Pairs>) -> Response {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    if let Some(secret) = basic.and_then(|value| String::from_utf8(BASE64.decode(value.as_bytes()).ok()?).ok()) {
        server.robot.keep([("client_secret".to_owned(), secret)], "its own token endpoint");
    }
    server.robot.keep(form, "its own token endpoint");
    let body = Json(json!({ "error": "temporarily_unavailable", "error_description": "please try again later" }));
    (StatusCode::BAD_REQUEST, body).into_response()
}
