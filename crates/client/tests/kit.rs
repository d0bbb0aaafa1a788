//! The kit over a scripted transport: what is sent, how often, and what happens when the answer is bad.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use client::{
    Client, ClientAuthentication, ClientError, ClientIdentity, RefreshToken, Secret, Surroundings, TokenHolder,
    Transport, TransportError, UnixTime,
};
use http::{Request, Response};
use serde_json::{Value, json};

const ISSUER: &str = "https://login.example";
const API: &str = "https://mail.example/messages";

/// Answers by URL and body, and remembers what was asked.
#[derive(Clone, Default)]
struct Script {
    asked: Arc<Mutex<Vec<(String, String)>>>,
    api_status: Arc<Mutex<VecDeque<u16>>>,
    dead: Arc<Mutex<Vec<String>>>,
    token_error: Arc<Mutex<Option<&'static str>>>,
    metadata: Arc<Mutex<Option<Value>>>,
}

impl Script {
    fn count(&self, url: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|(asked, _)| asked == url).count()
    }

    fn answer(&self, url: &str, serial: usize) -> (u16, Value) {
        match url.strip_prefix(ISSUER) {
            Some("/.well-known/oauth-authorization-server") => match self.metadata.lock().unwrap().clone() {
                Some(document) => (200, document),
                None => (404, json!({})),
            },
            Some("/.well-known/openid-configuration") => (200, metadata(ISSUER)),
            Some("/token") => match *self.token_error.lock().unwrap() {
                Some(error) => (400, json!({ "error": error })),
                None => {
                    let (access, refresh) = (format!("at{serial}"), format!("rt{serial}"));
                    let body = json!({
                        "access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 300,
                    });
                    (200, body)
                }
            },
            Some("/revoke") => (200, json!({})),
            _ => (self.api_status.lock().unwrap().pop_front().unwrap_or(200), json!({})),
        }
    }
}

impl Transport for Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let url = request.uri().to_string();
        let authorization = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        let serial = {
            let mut asked = self.asked.lock().unwrap();
            asked.push((url.clone(), authorization.clone().unwrap_or(body)));
            asked.len()
        };
        // Long enough for everybody else to arrive.
        tokio::task::yield_now().await;
        let is_dead = authorization.is_some_and(|sent| self.dead.lock().unwrap().contains(&sent));
        let (status, body) = if is_dead { (401, json!({})) } else { self.answer(&url, serial) };
        Ok(Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap())
    }
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
        "code_challenge_methods_supported": ["S256"],
    })
}

fn surroundings(now: &Arc<AtomicI64>) -> Surroundings {
    let now = now.clone();
    Surroundings::new(move || UnixTime(now.load(Ordering::Relaxed)), |bytes| bytes.fill(7))
}

async fn client(script: &Script) -> (Client<Script>, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(1_800_000_000));
    let identity = ClientIdentity::web("app", ClientAuthentication::SecretPost(Secret::new("s".to_owned())));
    (Client::discover(ISSUER, identity, script.clone(), surroundings(&now)).await.unwrap(), now)
}

async fn holder(script: &Script) -> (Arc<TokenHolder<Script>>, Arc<AtomicI64>) {
    let (client, now) = client(script).await;
    let token = RefreshToken::restore(
        Arc::new(client.server().clone()),
        Arc::new(ClientIdentity::native("app")),
        Secret::new("rt0".to_owned()),
        vec!["mail:read".to_owned()],
        vec!["https://mail.example".to_owned()],
        None,
    );
    (Arc::new(TokenHolder::resume(client, token)), now)
}

fn call() -> Request<Bytes> {
    Request::get(API).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn discovery_falls_back_to_the_openid_address() {
    let script = Script::default();
    assert_eq!(client(&script).await.0.server().token_endpoint(), "https://login.example/token");
    assert_eq!(script.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn metadata_impersonation_stops_discovery() {
    let script = Script::default();
    *script.metadata.lock().unwrap() = Some(metadata("https://evil.example"));
    let now = Arc::new(AtomicI64::new(1_800_000_000));
    let refused = Client::discover(ISSUER, ClientIdentity::native("app"), script, surroundings(&now)).await;
    assert!(matches!(refused, Err(ClientError::Metadata(_))));
}

#[tokio::test]
async fn mix_up_refused_callback_contacts_no_token_endpoint() {
    let script = Script::default();
    let (client, _) = client(&script).await;
    let (url, pending) = client.begin(client.authorization("https://app.example/cb")).unwrap();
    let state = url.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap();
    let query = format!("code=abc&state={state}&iss=https%3A%2F%2Fevil.example");
    assert!(matches!(client.finish(pending, &query).await, Err(ClientError::Callback(_))));
    assert_eq!(script.count("https://login.example/token"), 0);
}

#[tokio::test]
async fn refresh_rotation_race_many_callers_cause_one_refresh() {
    let script = Script::default();
    let (holder, _) = holder(&script).await;
    send_many(&holder).await;
    assert_eq!(script.count("https://login.example/token"), 1);
    assert_eq!(script.count(API), 20);
}

#[tokio::test]
async fn refresh_rotation_race_many_401s_cause_one_refresh() {
    let script = Script::default();
    let (holder, _) = holder(&script).await;
    holder.send(call()).await.unwrap();
    let sent = script.asked.lock().unwrap().last().unwrap().1.clone();
    script.dead.lock().unwrap().push(sent);
    send_many(&holder).await;
    assert_eq!(script.count("https://login.example/token"), 2);
}

async fn send_many(holder: &Arc<TokenHolder<Script>>) {
    let send = |_| {
        let holder = holder.clone();
        tokio::spawn(async move { holder.send(call()).await })
    };
    let calls: Vec<_> = (0..20).map(send).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn expired_tokens_are_refreshed_before_they_are_sent() {
    let script = Script::default();
    let (holder, now) = holder(&script).await;
    holder.send(call()).await.unwrap();
    now.fetch_add(200, Ordering::Relaxed);
    holder.send(call()).await.unwrap();
    assert_eq!(script.count("https://login.example/token"), 1);
    now.fetch_add(100, Ordering::Relaxed);
    holder.send(call()).await.unwrap();
    assert_eq!(script.count("https://login.example/token"), 2);
    let asked = script.asked.lock().unwrap();
    let refreshes: Vec<&str> = asked
        .iter()
        .filter(|(url, _)| url.ends_with("/token"))
        .map(|(_, body)| body.split('&').find_map(|pair| pair.strip_prefix("refresh_token=")).unwrap())
        .collect();
    assert_eq!(refreshes[0], "rt0");
    assert!(refreshes[1].starts_with("rt") && refreshes[1] != "rt0", "the rotated token is the one in use");
}

#[tokio::test]
async fn a_401_is_answered_by_one_refresh_and_no_loop() {
    let script = Script::default();
    let (holder, _) = holder(&script).await;
    script.api_status.lock().unwrap().extend([401, 401, 401]);
    assert_eq!(holder.send(call()).await.unwrap().status(), 401);
    assert_eq!((script.count(API), script.count("https://login.example/token")), (2, 2));
}

#[tokio::test]
async fn refresh_token_replay_a_refused_token_is_not_tried_again() {
    let script = Script::default();
    let (holder, _) = holder(&script).await;
    *script.token_error.lock().unwrap() = Some("invalid_grant");
    assert_eq!(holder.send(call()).await.unwrap_err(), ClientError::GrantEnded);
    assert_eq!(holder.send(call()).await.unwrap_err(), ClientError::NoRefreshToken);
    assert_eq!(script.count("https://login.example/token"), 1);
    assert_eq!(script.count(API), 0);
}

#[tokio::test]
async fn access_token_phishing_counterfeit_rs_other_origins_get_nothing() {
    let script = Script::default();
    let (holder, _) = holder(&script).await;
    let elsewhere = Request::get("https://evil.example/messages").body(Bytes::new()).unwrap();
    assert!(matches!(holder.send(elsewhere).await, Err(ClientError::WrongDestination(_))));
    assert_eq!(script.count("https://evil.example/messages"), 0);
}

#[tokio::test]
async fn revocation_forgets_the_tokens() {
    let script = Script::default();
    let (holder, _) = holder(&script).await;
    holder.send(call()).await.unwrap();
    holder.revoke().await.unwrap();
    assert_eq!(script.count("https://login.example/revoke"), 1);
    assert_eq!(holder.send(call()).await.unwrap_err(), ClientError::NoRefreshToken);
}
