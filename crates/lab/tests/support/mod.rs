//! An authorization server just large enough for the cast's tests: it approves everything and remembers what it was asked.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::{Form, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::{HeaderMap, StatusCode};
use jose::{AccessToken, Algorithm, Audience, IdToken, JwkSet, SigningKey, UnixTime};
use lab::{Secret, Surroundings, mailbox, robot};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub type Pairs = HashMap<String, String>;

/// What the server does differently from a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    DeniesConsent,
    GrantsReadOnly,
    None,
    OmitsIss,
    SendsOtherNonce,
}

pub struct Server {
    pub issuer: String,
    pub key: SigningKey,
    pub quirk: Mutex<Quirk>,
    pub codes: Mutex<HashMap<String, Pairs>>,
    pub token_requests: Mutex<Vec<Pairs>>,
    pub revoked: Mutex<Vec<String>>,
    serial: AtomicU64,
    now: Arc<AtomicI64>,
}

/// The whole stage: three origins on loopback and a clock that only the test moves.
pub struct Stage {
    pub server: Arc<Server>,
    pub robot: String,
    pub mailbox: String,
    pub surroundings: Surroundings,
    pub now: Arc<AtomicI64>,
}

pub const CLIENT_ID: &str = "robot";
pub const NATIVE_ID: &str = "native";
pub const SECRET: &str = "sc_cs.robot-secret-that-must-never-show";

impl Stage {
    pub async fn new(quirk: Quirk) -> Self {
        let now = Arc::new(AtomicI64::new(1_800_000_000));
        let [server_socket, mailbox_socket, robot_socket] = [listen().await, listen().await, listen().await];
        let url = |socket: &TcpListener| format!("http://{}", socket.local_addr().unwrap());
        let (issuer, mailbox, robot) = (url(&server_socket), url(&mailbox_socket), url(&robot_socket));
        let clock = now.clone();
        let counter = AtomicU64::new(1);
        // Unique, not secret: good enough for a test that must be repeatable.
        let entropy = move |bytes: &mut [u8]| {
            for chunk in bytes.chunks_mut(8) {
                let next = jose::sha256(&counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                chunk.copy_from_slice(&next[..chunk.len()]);
            }
        };
        let surroundings = Surroundings::new(move || UnixTime(clock.load(Ordering::Relaxed)), entropy);
        let server = Arc::new(Server {
            issuer: issuer.clone(),
            key: SigningKey::generate(Algorithm::Es256).unwrap(),
            quirk: Mutex::new(quirk),
            codes: Mutex::default(),
            token_requests: Mutex::default(),
            revoked: Mutex::default(),
            serial: AtomicU64::new(1),
            now: now.clone(),
        });
        let mailbox_router = mailbox::router(mailbox::MailboxConfig {
            origin: mailbox.clone(),
            issuer: issuer.clone(),
            check: mailbox::TokenCheck::Jwt { jwks_uri: format!("{issuer}/jwks") },
            surroundings: surroundings.clone(),
        })
        .unwrap();
        let robot_router = robot::router(robot::RobotConfig {
            origin: robot.clone(),
            issuer,
            client_id: CLIENT_ID.to_owned(),
            client_secret: Secret::new(SECRET.to_owned()),
            mailbox_url: mailbox.clone(),
            surroundings: surroundings.clone(),
        })
        .unwrap();
        let server_router = router(server.clone());
        for (socket, router) in
            [(server_socket, server_router), (mailbox_socket, mailbox_router), (robot_socket, robot_router)]
        {
            tokio::spawn(async move { axum::serve(socket, router).await });
        }
        Self { server, robot, mailbox, surroundings, now }
    }

    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
        .route("/jwks", get(jwks))
        .with_state(server)
}

type Shared = State<Arc<Server>>;

async fn metadata(State(server): Shared) -> Json<Value> {
    let issuer = &server.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(server): Shared) -> String {
    JwkSet::from_keys([server.key.public_jwk().clone()]).unwrap().to_json()
}

async fn authorize(State(server): Shared, Query(request): Query<Pairs>) -> Redirect {
    let quirk = *server.quirk.lock().unwrap();
    let mut answer = form_urlencoded::Serializer::new(String::new());
    if quirk == Quirk::DeniesConsent {
        answer.append_pair("error", "access_denied");
    } else {
        let code = format!("sc_ac.code-{}-that-must-never-show", server.serial.fetch_add(1, Ordering::Relaxed));
        answer.append_pair("code", &code);
        server.codes.lock().unwrap().insert(code, request.clone());
    }
    answer.append_pair("state", &request["state"]);
    if quirk != Quirk::OmitsIss {
        answer.append_pair("iss", &server.issuer);
    }
    Redirect::to(&format!("{}?{}", request["redirect_uri"], answer.finish()))
}

async fn token(State(server): Shared, headers: HeaderMap, Form(form): Form<Pairs>) -> Response {
    server.token_requests.lock().unwrap().push(form.clone());
    let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT_ID}:{SECRET}").as_bytes()));
    let is_robot = headers.get("authorization").is_some_and(|got| got.as_bytes() == basic.as_bytes());
    if !is_robot && form.get("client_id").is_none_or(|id| id != NATIVE_ID) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let invalid = || (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    match form["grant_type"].as_str() {
        "authorization_code" => {
            let Some(request) = server.codes.lock().unwrap().remove(&form["code"]) else { return invalid() };
            let challenge = BASE64URL_NOPAD.encode(&jose::sha256(form["code_verifier"].as_bytes()));
            if challenge != request["code_challenge"] || form["redirect_uri"] != request["redirect_uri"] {
                return invalid();
            }
            Json(tokens(&server, &request["client_id"], &form["resource"], Some(&request["nonce"]))).into_response()
        }
        "refresh_token" if server.revoked.lock().unwrap().is_empty() => {
            let client_id = form.get("client_id").map_or(CLIENT_ID, String::as_str);
            Json(tokens(&server, client_id, &form["resource"], None)).into_response()
        }
        _ => invalid(),
    }
}

fn tokens(server: &Server, client_id: &str, resource: &str, nonce: Option<&str>) -> Value {
    let quirk = *server.quirk.lock().unwrap();
    let now = UnixTime(server.now.load(Ordering::Relaxed));
    let serial = server.serial.fetch_add(1, Ordering::Relaxed);
    let scope = if quirk == Quirk::GrantsReadOnly { "openid mail:read" } else { "openid mail:read mail:send" };
    let exp = UnixTime(now.0 + 300);
    let access = AccessToken {
        iss: server.issuer.clone(),
        sub: "user-1".to_owned(),
        aud: Audience::one(resource),
        client_id: client_id.to_owned(),
        scope: scope.to_owned(),
        iat: now,
        exp,
        jti: serial.to_string(),
        nbf: None,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        cnf: None,
    };
    let access = server.key.sign(&access).unwrap();
    let mut answer = json!({
        "access_token": access, "token_type": "Bearer", "expires_in": 300, "scope": scope,
        "refresh_token": format!("sc_rt.refresh-{serial}-that-must-never-show"),
    });
    if let Some(nonce) = nonce {
        let nonce = if quirk == Quirk::SendsOtherNonce { "of another login" } else { nonce };
        let id_token = IdToken {
            iss: server.issuer.clone(),
            sub: "user-1".to_owned(),
            aud: Audience::one(client_id),
            azp: None,
            exp,
            iat: now,
            nbf: None,
            jti: None,
            auth_time: None,
            nonce: Some(nonce.to_owned()),
            acr: None,
            amr: Vec::new(),
            at_hash: Some(jose::at_hash(Algorithm::Es256, &access)),
            c_hash: None,
            sid: None,
            extra: serde_json::Map::new(),
        };
        answer["id_token"] = json!(server.key.sign(&id_token).unwrap());
    }
    answer
}

async fn revoke(State(server): Shared, Form(form): Form<Pairs>) -> StatusCode {
    server.revoked.lock().unwrap().push(form["token"].clone());
    StatusCode::OK
}

/// A browser: cookies per origin, no script, follows nothing by itself.
pub struct Browser {
    transport: client::HyperTransport,
    cookies: Mutex<HashMap<String, String>>,
}

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    pub fn location(&self) -> String {
        self.headers["location"].to_str().unwrap().to_owned()
    }

    pub fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub fn new() -> Self {
        Self { transport: client::HyperTransport::loopback_only(), cookies: Mutex::default() }
    }

    pub async fn get(&self, url: &str) -> Page {
        self.send(http::Request::get(url), url, String::new()).await
    }

    pub async fn post(&self, url: &str, form: &[(&str, &str)]) -> Page {
        self.post_with(url, form, &[]).await
    }

    pub async fn post_with(&self, url: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = http::Request::post(url).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, url, body).await
    }

    async fn send(&self, mut request: http::request::Builder, url: &str, body: String) -> Page {
        let origin = url::Url::parse(url).unwrap().origin().ascii_serialization();
        if let Some(cookie) = self.cookies.lock().unwrap().get(&origin) {
            request = request.header("cookie", cookie);
        }
        let answer = client::Transport::send(&self.transport, request.body(body.into()).unwrap()).await.unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookies.lock().unwrap().insert(origin, pair);
        }
        let (parts, body) = answer.into_parts();
        Page { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// Presses `#connect` and goes as far as the redirect back; yields its URL.
    pub async fn connect(&self, stage: &Stage) -> String {
        let home = self.get(&stage.robot).await;
        let sent = self.post(&format!("{}/connect", stage.robot), &[("csrf", &home.csrf())]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        self.get(&sent.location()).await.location()
    }
}
