//! The floor: the same HTTP stack and the same signatures, and nothing else. No store, no checks, no limits.
//!
//! It parses the form, hashes one secret, signs claims of the same size, and answers with the same number of bytes.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use jose::{AccessToken, Algorithm, Audience, IdToken, SigningKey, UnixTime};
use protocol::oidc::{ACR_PASSWORD, AMR_PASSWORD};
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};

use crate::child;
use crate::setup::{MAIL, REDIRECT_URI};

const ISSUER: &str = "http://127.0.0.1:43210";
const SUBJECT: &str = "u_227473652463108096";
const REFRESH_TOKEN: &str = "sc_rt.0d8ijlqbd4800.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const CODE: &str = "sc_ac.0d8ijlqbd4800.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NOW: UnixTime = UnixTime(1_790_000_000);

/// Serves until the parent goes.
pub fn run() -> Result<()> {
    // The same runtime as the server's.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        child::say(&socket.local_addr()?)?;
        let router = router(SigningKey::generate(Algorithm::Es256)?);
        tokio::select! {
            served = accept(socket, router) => served,
            _ = child::told_to_stop() => Ok(()),
        }
    })
}

async fn accept(socket: TcpListener, router: Router) -> Result<()> {
    loop {
        let (stream, _) = socket.accept().await?;
        tokio::spawn(serve(stream, router.clone()));
    }
}

async fn serve(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    // A connection that the load closes is no failure.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

fn router(key: SigningKey) -> Router {
    Router::new()
        .route("/token", post(token))
        .route("/introspect", post(introspect))
        .route("/authorize", get(authorize))
        .route("/userinfo", get(userinfo))
        .with_state(Arc::new(key))
}

async fn token(State(key): State<Arc<SigningKey>>, body: Bytes) -> Response {
    match issue(&key, &body) {
        Ok(answer) => match serde_json::to_vec(&answer) {
            Ok(json) => document(json),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Serialize)]
struct Answer {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    scope: &'static str,
}

fn issue(key: &SigningKey, body: &[u8]) -> Result<Answer, jose::JoseError> {
    let pairs = form(body);
    let alone = pairs.iter().any(|(name, value)| name == "grant_type" && value == "client_credentials");
    let scope = if alone { "mail:read mail:send" } else { "openid mail:read" };
    let access_token = key.sign(&access_token(alone, scope))?;
    let id_token = if alone { None } else { Some(key.sign(&id_token())?) };
    let refresh_token = (!alone).then_some(REFRESH_TOKEN);
    Ok(Answer { access_token, token_type: "Bearer", expires_in: 3600, refresh_token, id_token, scope })
}

/// Parses the form and hashes the client's secret: what every answer here needs at least.
fn form(body: &[u8]) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    if let Some((_, secret)) = pairs.iter().find(|(name, _)| name == "client_secret") {
        std::hint::black_box(jose::sha256(secret.as_bytes()));
    }
    pairs
}

fn access_token(alone: bool, scope: &str) -> AccessToken {
    AccessToken {
        iss: ISSUER.to_owned(),
        sub: if alone { "worker" } else { SUBJECT }.to_owned(),
        aud: if alone { Audience::one(MAIL) } else { Audience::many([ISSUER.to_owned(), MAIL.to_owned()]) },
        client_id: if alone { "worker" } else { "web" }.to_owned(),
        scope: scope.to_owned(),
        iat: NOW,
        exp: UnixTime(NOW.0 + 3600),
        jti: "0d8ijlqbd4800.0d8ijlqbd4801".to_owned(),
        nbf: None,
        auth_time: (!alone).then_some(NOW),
        acr: (!alone).then(|| ACR_PASSWORD.to_owned()),
        amr: if alone { Vec::new() } else { vec![AMR_PASSWORD.to_owned()] },
        cnf: None,
    }
}

fn id_token() -> IdToken {
    IdToken {
        iss: ISSUER.to_owned(),
        sub: SUBJECT.to_owned(),
        aud: Audience::one("web"),
        azp: None,
        exp: UnixTime(NOW.0 + 300),
        iat: NOW,
        nbf: None,
        jti: None,
        auth_time: Some(NOW),
        nonce: None,
        acr: Some(ACR_PASSWORD.to_owned()),
        amr: vec![AMR_PASSWORD.to_owned()],
        at_hash: Some("AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        c_hash: None,
        sid: None,
        extra: serde_json::Map::new(),
    }
}

async fn introspect(body: Bytes) -> Response {
    form(&body);
    document(
        r#"{"active":true,"scope":"notes:read","client_id":"web","token_type":"Bearer","exp":1790003600,"iat":1790000000,"sub":"u_227473652463108096","aud":["https://notes.bench.example"],"iss":"http://127.0.0.1:43210","jti":"0d8ijlqbd4800.0d8ijlqbd4801","auth_time":1790000000,"acr":"urn:safeconduct:acr:password"}"#,
    )
}

async fn userinfo() -> Response {
    document(r#"{"sub":"u_227473652463108096"}"#)
}

async fn authorize() -> Response {
    let location = format!("{REDIRECT_URI}?code={CODE}&state=AAAAAAAAAAAAAAAA&iss=http%3A%2F%2F127.0.0.1%3A43210#");
    let Ok(location) = HeaderValue::from_str(&location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// JSON with the headers that the server sends.
fn document(json: impl Into<Body>) -> Response {
    let mut response = Response::new(json.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
