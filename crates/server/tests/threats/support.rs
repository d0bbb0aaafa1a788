//! A whole server without sockets: its router, a store in memory, a clock that the test moves, and browsers with cookies.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use protocol::handle::{HandleKind, Id, NewHandle};
use protocol::record::{EventRecord, OwnerStatus, UserRecord};
use protocol::registration::{ClientMetadata, RegisteredClient};
use protocol::{Secret, UnixTime};
use serde_json::{Value, json};
use server::app::{App, Shared};
use server::clock::{Clock, ManualClock};
use server::config::Config;
use server::edge::{Metrics, Peer, Transport};
use server::entropy::{Entropy, Node};
use server::password::Hasher;
use store::Ledger;
use tower::ServiceExt;

pub const ISSUER: &str = "http://127.0.0.1:8080";
pub const MAILBOX: &str = "http://127.0.0.1:8081";
pub const CALLBACK: &str = "https://robot.example/callback";
pub const NATIVE_CALLBACK: &str = "http://127.0.0.1:51000/callback";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const PASSWORD: &str = "correct horse battery staple 42";

pub const CONFIG: &str = r#"
issuer = "http://127.0.0.1:8080"
[server]
listen = "127.0.0.1:8080"
admin_listen = "127.0.0.1:8083"
[[resource]]
identifier = "http://127.0.0.1:8081"
name = "Mailbox"
token_format = "jwt"
[resource.scopes."mail:read"]
description = "Read your mail"
[resource.scopes."mail:send"]
description = "Send mail in your name"
sensitive = true
[[resource]]
identifier = "http://127.0.0.1:8084"
name = "Vault"
token_format = "opaque"
[resource.scopes."vault:open"]
description = "Open your vault"
"#;

pub struct Server {
    pub app: Shared,
    pub clock: Arc<ManualClock>,
    router: Router,
    _dir: tempfile::TempDir,
}

/// A client that is registered, with its secret.
pub struct Known {
    pub id: String,
    pub secret: Option<String>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.body))
    }

    /// A parameter of the answer to the client.
    pub fn returned(&self, name: &str) -> Option<String> {
        let location = self.location();
        let query = location.split_once('?')?.1.trim_end_matches('#');
        form_urlencoded::parse(query.as_bytes()).find(|(have, _)| have == name).map(|(_, value)| value.into_owned())
    }

    /// A hidden field of the page.
    pub fn field(&self, name: &str) -> String {
        let at =
            self.body.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        let value = self.body[at..].split_once("value=\"").expect("a value").1;
        value.split_once('"').expect("an end").0.to_owned()
    }
}

impl Server {
    pub async fn start() -> Server {
        Server::with(CONFIG).await
    }

    pub async fn with(config: &str) -> Server {
        let dir = tempfile::tempdir().expect("a folder");
        let config = Config::parse(config, "test.toml", dir.path(), []).unwrap_or_else(|error| panic!("{error}"));
        let clock = Arc::new(ManualClock::at(UnixTime(1_900_000_000)));
        let entropy = Arc::new(Entropy::new(Node::default()));
        let metrics = Arc::new(Metrics::new(""));
        let app = App::new(config, Ledger::memory(), clock.clone(), entropy, metrics).expect("starts");
        let router = server::router(app.clone());
        Server { app, clock, router, _dir: dir }
    }

    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.advance(seconds * 1000);
    }

    pub async fn client(&self, metadata: Value) -> Known {
        let metadata: ClientMetadata = serde_json::from_value(metadata).expect("metadata");
        let mut client =
            RegisteredClient::register(metadata, "made-up", &self.app.policy, self.now()).expect("registers");
        let mut secret = None;
        if client.auth_method().as_str().starts_with("client_secret") {
            let millis = self.clock.now_millis();
            let bytes = self.app.entropy.bytes().expect("random");
            let handle = NewHandle::mint(HandleKind::ClientSecret, Id(self.app.entropy.next_id(millis)), &bytes);
            client.add_secret(handle.id(), handle.hash(), self.now(), self.now());
            secret = Some(handle.into_value().expose().clone());
        }
        let id = client.id().to_owned();
        self.app.ledger.put_client(client).await.expect("stored");
        Known { id, secret }
    }

    /// A confidential web client with every grant.
    pub async fn robot(&self, id: &str) -> Known {
        self.client(json!({
            "client_id": id, "client_name": "Mail robot", "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email offline_access mail:read mail:send vault:open",
            "token_endpoint_auth_method": "client_secret_post",
        }))
        .await
    }

    /// A public native client.
    pub async fn native(&self) -> Known {
        self.client(json!({
            "client_id": "native-app", "application_type": "native", "redirect_uris": ["http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"], "scope": "openid mail:read",
        }))
        .await
    }

    pub async fn user(&self, name: &str) -> String {
        let hasher = Hasher::new(&self.app.config.passwords, self.app.entropy.clone()).expect("hasher");
        let hash = hasher.hash(&Secret::new(PASSWORD.to_owned())).expect("hash");
        let subject = format!("u_{name}");
        let user = UserRecord {
            subject: subject.clone(),
            username: name.to_owned(),
            password: hash.as_str().to_owned(),
            status: OwnerStatus::Active,
            claims: json!({"name": "Ada Lovelace", "email": "ada@example.com", "email_verified": true}).to_string(),
            created: self.now(),
        };
        self.app.ledger.put_user(user).await.expect("stored");
        subject
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("192.0.2.7", request).await
    }

    pub async fn send_from(&self, address: &str, mut request: Request<Body>) -> Answer {
        let ip: IpAddr = address.parse().expect("an address");
        request.extensions_mut().insert(Peer {
            socket: SocketAddr::new(ip, 4711),
            client: ip,
            transport: Transport::Plain,
        });
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(form_request(path, form)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("request")).await
    }

    pub async fn with_bearer(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).expect("request")).await
    }

    /// The token endpoint, as `client`.
    pub async fn token(&self, client: &Known, form: &[(&str, &str)]) -> Answer {
        self.token_as(client, "/token", form).await
    }

    /// Any back-channel endpoint, as `client`.
    pub async fn token_as(&self, client: &Known, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        form.push(("client_id", &client.id));
        if let Some(secret) = &client.secret {
            form.push(("client_secret", secret));
        }
        self.post(path, &form).await
    }

    pub async fn redeem(&self, client: &Known, code: &str, redirect_uri: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.token(client, &form).await
    }

    pub async fn refresh(&self, client: &Known, token: &str) -> Answer {
        self.token(client, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Names of the events so far, oldest first.
    pub async fn events(&self) -> Vec<&'static str> {
        self.event_records().await.iter().map(|event| event.signal.name()).collect()
    }

    pub async fn event_records(&self) -> Vec<EventRecord> {
        self.app.events.drained().await;
        self.app.ledger.events(None, 1000).await.expect("events")
    }
}

pub fn form_request(path: &str, form: &[(&str, &str)]) -> Request<Body> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(Body::from(body)).expect("request")
}

/// The parameters of an ordinary authorization request.
pub fn request(client: &Known, redirect_uri: &str, scope: &str, more: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let base = [
        ("client_id", client.id.as_str()),
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("scope", scope),
        ("state", "s t/a&te=é"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    query.extend_pairs(base.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)));
    query.extend_pairs(more.iter().filter(|(_, value)| *value != "-"));
    format!("/authorize?{}", query.finish())
}

/// A browser: cookies, and the way through the pages.
#[derive(Default, Clone)]
pub struct Browser {
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub async fn get(&mut self, server: &Server, path: &str) -> Answer {
        self.send(server, Request::get(path).body(Body::empty()).expect("request")).await
    }

    pub async fn post(&mut self, server: &Server, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(server, form_request(path, form)).await
    }

    pub async fn send(&mut self, server: &Server, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            let text: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, text.join("; ").parse().expect("a header"));
        }
        let answer = server.send(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("text");
            let (pair, rest) = text.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Follows a redirect within the server.
    pub async fn follow(&mut self, server: &Server, answer: &Answer) -> Answer {
        let path =
            answer.location().strip_prefix(ISSUER).unwrap_or_else(|| panic!("leads away: {}", answer.location()));
        self.get(server, path).await
    }

    /// From an authorization request to the page after the password.
    pub async fn sign_in(&mut self, server: &Server, request: &str, name: &str) -> Answer {
        let start = self.get(server, request).await;
        assert_eq!(start.status, StatusCode::SEE_OTHER, "{}", start.body);
        let page = self.follow(server, &start).await;
        self.submit_password(server, &page, name, PASSWORD).await
    }

    pub async fn submit_password(&mut self, server: &Server, page: &Answer, name: &str, password: &str) -> Answer {
        let (request, csrf) = (page.field("request"), page.field("csrf"));
        let form = [("request", request.as_str()), ("csrf", &csrf), ("username", name), ("password", password)];
        self.post(server, "/sign-in", &form).await
    }

    /// Presses a button of the consent page with these scopes ticked.
    pub async fn decide(&mut self, server: &Server, page: &Answer, decision: &str, scopes: &[&str]) -> Answer {
        let (request, csrf) = (page.field("request"), page.field("csrf"));
        let mut form = vec![("request", request.as_str()), ("csrf", csrf.as_str()), ("decision", decision)];
        form.extend(scopes.iter().map(|scope| ("scope", *scope)));
        self.post(server, "/consent", &form).await
    }

    /// The whole way, from the request to the answer for the client.
    pub async fn allow(&mut self, server: &Server, request: &str, scopes: &[&str]) -> Answer {
        let signed_in = self.sign_in(server, request, "ada").await;
        let page = self.follow(server, &signed_in).await;
        server.pass(3);
        self.decide(server, &page, "allow", scopes).await
    }

    /// A code for `client`.
    pub async fn code(&mut self, server: &Server, client: &Known, redirect_uri: &str, scope: &str) -> String {
        let scopes: Vec<&str> = scope.split(' ').collect();
        let answer = self.allow(server, &request(client, redirect_uri, scope, &[]), &scopes).await;
        answer.returned("code").unwrap_or_else(|| panic!("no code: {} {}", answer.location(), answer.body))
    }
}
