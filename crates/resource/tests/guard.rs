//! The guard in front of an axum route, with a scripted authorization server.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jose::{AccessToken, Algorithm, Audience, JwkSet, SigningKey};
use resource::{
    ClientAuthentication, ClientIdentity, FetchError, Guard, Requirement, Secret, TokenCheck, TokenRule, UnixTime,
    UserCaller,
};
use serde_json::{Value, json};
use tower::ServiceExt;

const ISSUER: &str = "https://login.example";
const API: &str = "https://mail.example";

struct Stage {
    key: Mutex<Arc<SigningKey>>,
    fetches: AtomicUsize,
    outage: Mutex<Option<FetchError>>,
    introspection: Mutex<Value>,
    introspected: Mutex<Vec<(String, String)>>,
    now: AtomicI64,
    signals: Mutex<Vec<&'static str>>,
}

impl Stage {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            key: Mutex::new(Arc::new(SigningKey::generate(Algorithm::Es256).unwrap())),
            fetches: AtomicUsize::new(0),
            outage: Mutex::new(None),
            introspection: Mutex::new(json!({ "active": false })),
            introspected: Mutex::default(),
            now: AtomicI64::new(1_800_000_000),
            signals: Mutex::default(),
        })
    }

    fn now(&self) -> UnixTime {
        UnixTime(self.now.load(Ordering::Relaxed))
    }

    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    fn rotate(&self) {
        *self.key.lock().unwrap() = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        if let Some(error) = *self.outage.lock().unwrap() {
            return Err(error);
        }
        let body = if request.uri().path() == "/jwks" {
            JwkSet::from_keys([self.key.lock().unwrap().public_jwk().clone()]).unwrap().to_json()
        } else {
            let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
            let body = String::from_utf8(request.body().to_vec()).unwrap();
            self.introspected.lock().unwrap().push((authorization, body));
            self.introspection.lock().unwrap().to_string()
        };
        Ok(Response::new(Bytes::from(body)))
    }

    fn api(self: &Arc<Self>, check: TokenCheck) -> Router {
        let rule = TokenRule::new(ISSUER, API).unwrap();
        let (fetch, clock, signals) = (self.clone(), self.clone(), self.clone());
        let fetch = move |request: Request<Bytes>| std::future::ready(fetch.answer(&request));
        let guard = Guard::with_signals(
            rule,
            check,
            fetch,
            move || clock.now(),
            |bytes| bytes.fill(7),
            move |signal, _| signals.signals.lock().unwrap().push(signal.name()),
        );
        let whoami = |caller: UserCaller| async move { caller.user.subject().to_owned() };
        Router::new()
            .route("/messages", get(whoami).layer(guard.require(Requirement::user(["mail:read"]))))
            .route("/admin", get(whoami).layer(guard.require(Requirement::user(["admin"]))))
            .route("/forgotten", get(whoami))
    }

    fn jwt_api(self: &Arc<Self>) -> Router {
        self.api(TokenCheck::Jwt { jwks_uri: format!("{ISSUER}/jwks") })
    }

    fn token(&self) -> String {
        let now = self.now();
        let claims = AccessToken {
            iss: ISSUER.to_owned(),
            sub: "user-1".to_owned(),
            aud: Audience::one(API),
            client_id: "app".to_owned(),
            scope: "mail:read".to_owned(),
            iat: now,
            exp: UnixTime(now.0 + 300),
            jti: "1".to_owned(),
            nbf: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            cnf: None,
        };
        self.key.lock().unwrap().sign(&claims).unwrap()
    }
}

async fn call(api: &Router, path: &str, token: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    api.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn status(api: &Router, token: &str) -> StatusCode {
    call(api, "/messages", Some(token)).await.status()
}

fn challenge(response: &Response<Body>) -> &str {
    response.headers()["www-authenticate"].to_str().unwrap()
}

#[tokio::test]
async fn good_tokens_pass_and_keys_are_fetched_once() {
    let stage = Stage::new();
    let api = stage.jwt_api();
    for _ in 0..3 {
        assert_eq!(status(&api, &stage.token()).await, StatusCode::OK);
    }
    assert_eq!(stage.fetches(), 1);
}

#[tokio::test]
async fn refusals_say_what_rfc_6750_asks_and_no_more() {
    let stage = Stage::new();
    let api = stage.jwt_api();
    let none = call(&api, "/messages", None).await;
    assert_eq!((none.status(), challenge(&none)), (StatusCode::UNAUTHORIZED, "Bearer scope=\"mail:read\""));
    let bad = call(&api, "/messages", Some("a.b.c")).await;
    assert_eq!(bad.status(), StatusCode::UNAUTHORIZED);
    assert!(challenge(&bad).starts_with("Bearer error=\"invalid_token\""));
    let scope = call(&api, "/admin", Some(&stage.token())).await;
    assert_eq!(scope.status(), StatusCode::FORBIDDEN);
    assert!(challenge(&scope).contains("error=\"insufficient_scope\""), "{}", challenge(&scope));
    assert!(challenge(&scope).ends_with("scope=\"admin\""), "{}", challenge(&scope));
}

#[tokio::test]
async fn token_leak_logs_referrer_query_tokens_raise_the_signal() {
    let stage = Stage::new();
    let api = stage.jwt_api();
    let token = stage.token();
    let refused = call(&api, &format!("/messages?access_token={token}"), Some(&token)).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(*stage.signals.lock().unwrap(), ["token-in-query"]);
}

#[tokio::test]
async fn resource_scope_not_enforced_a_forgotten_route_answers_nobody() {
    let stage = Stage::new();
    let answer = call(&stage.jwt_api(), "/forgotten", Some(&stage.token())).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn leak_in_http_proxies_and_token_response_cached_no_answer_may_be_stored() {
    let stage = Stage::new();
    let api = stage.jwt_api();
    for token in [None, Some(stage.token())] {
        let answer = call(&api, "/messages", token.as_deref()).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap();
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("vary"), "Authorization");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    }
}

#[tokio::test]
async fn jwt_key_injection_unknown_keys_cause_one_fetch_a_minute() {
    let stage = Stage::new();
    let api = stage.jwt_api();
    assert_eq!(status(&api, &stage.token()).await, StatusCode::OK);
    stage.pass(61);
    stage.rotate();
    assert_eq!(status(&api, &stage.token()).await, StatusCode::OK, "rotation is followed");
    assert_eq!(stage.fetches(), 2);
    let stranger = Stage::new();
    for _ in 0..10 {
        assert_eq!(status(&api, &stranger.token()).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(stage.fetches(), 2);
    stage.pass(61);
    status(&api, &stranger.token()).await;
    status(&api, &stranger.token()).await;
    assert_eq!(stage.fetches(), 3);
}

#[tokio::test]
async fn outages_never_mean_yes_and_do_not_turn_good_callers_away() {
    let stage = Stage::new();
    let api = stage.jwt_api();
    *stage.outage.lock().unwrap() = Some(FetchError);
    assert_eq!(status(&api, &stage.token()).await, StatusCode::SERVICE_UNAVAILABLE);
    *stage.outage.lock().unwrap() = None;
    stage.pass(61);
    assert_eq!(status(&api, &stage.token()).await, StatusCode::OK);
    // The keys are stale and the server is gone: they are still good for an hour, and no longer.
    *stage.outage.lock().unwrap() = Some(FetchError);
    stage.pass(700);
    assert_eq!(status(&api, &stage.token()).await, StatusCode::OK);
    stage.pass(2 * 3600);
    for _ in 0..2 {
        assert_eq!(status(&api, &stage.token()).await, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn introspection_abuse_opaque_tokens_are_asked_about_each_time() {
    let stage = Stage::new();
    let authentication = ClientAuthentication::SecretBasic(Secret::new("s".to_owned()));
    let api = stage.api(TokenCheck::Introspection {
        endpoint: format!("{ISSUER}/introspect"),
        identity: ClientIdentity::web("mailbox", authentication),
    });
    assert_eq!(status(&api, "sc_at.x.y").await, StatusCode::UNAUTHORIZED);
    *stage.introspection.lock().unwrap() = json!({
        "active": true, "sub": "user-1", "aud": API, "client_id": "app", "scope": "mail:read", "exp": stage.now().0 + 60,
    });
    assert_eq!(status(&api, "sc_at.x.y").await, StatusCode::OK);
    let asked = stage.introspected.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    let body = "token=sc_at.x.y&token_type_hint=access_token";
    assert_eq!(asked[0], ("Basic bWFpbGJveDpz".to_owned(), body.to_owned()));
    stage.introspection.lock().unwrap()["aud"] = json!("https://other.example");
    assert_eq!(status(&api, "sc_at.x.y").await, StatusCode::UNAUTHORIZED);
    assert_eq!(*stage.signals.lock().unwrap(), ["token-unknown-burst", "token-audience-mismatch"]);
}

#[tokio::test]
async fn attack_goes_unnoticed_refusals_raise_their_signals() {
    let stage = Stage::new();
    let api = stage.jwt_api();
    let token = stage.token();
    call(&api, "/admin", Some(&token)).await;
    let (header, rest) = token.split_once('.').unwrap();
    // The same token with one bit of its signature turned.
    let forged = if rest.ends_with('A') { 'Q' } else { 'A' };
    call(&api, "/messages", Some(&format!("{header}.{}{forged}", &rest[..rest.len() - 1]))).await;
    stage.pass(400);
    call(&api, "/messages", Some(&token)).await;
    // No token is no attack.
    call(&api, "/messages", None).await;
    let raised = stage.signals.lock().unwrap().clone();
    assert_eq!(raised, ["insufficient-scope-burst", "token-unknown-burst", "token-expired-use-burst"]);
}
