//! The careless mail robot: it works, and makes every mistake that the attacks live on. Never copy from here.
//!
//! | mistake | where |
//! | --- | --- |
//! | no PKCE, no `state`, a nonce that never changes | `GET` or `POST /connect` |
//! | whatever arrives at the callback is redeemed, whoever sent it, wherever it comes from | `GET /callback` |
//! | the callback page holds the code in its address and loads somebody else's picture | `GET /callback` |
//! | the token is not looked at, and lives in the address of the inbox | `GET /inbox?token=` |
//! | redirects to wherever it is told | `GET /go?to=` |
//! | no form token: whoever has the address may send | `POST /send` |

mod pages;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use client::Transport;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;

use crate::{Secret, Wire};

type Pairs = HashMap<String, String>;

/// An authorization server as the robot knows it: a few addresses from a web page, and no metadata.
#[derive(Clone, Debug)]
pub struct KnownServer {
    /// Its name on the robot's button, and in the cookie that remembers which one was pressed.
    pub name: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// The robot's identifier there.
    pub client_id: String,
    /// Its secret there; none for a public client.
    pub client_secret: Option<Secret<String>>,
}

/// What the careless robot needs to know.
#[derive(Clone, Debug)]
pub struct CarelessConfig {
    /// Its own origin, without a trailing slash.
    pub origin: String,
    /// The servers it can connect to, at least one.
    pub servers: Vec<KnownServer>,
    /// The mailbox's origin.
    pub mailbox_url: String,
    /// A picture of somebody else's, shown on the page that the callback gives: then the code is redeemed a moment later.
    pub banner: Option<String>,
}

/// The scopes it asks for: all there are.
pub const SCOPE: &str = "openid mail:read mail:send";

struct Robot {
    config: CarelessConfig,
    wire: Wire,
}

type Shared = State<Arc<Robot>>;

/// The robot as a router; its own requests go over `wire`.
pub fn router(config: CarelessConfig, wire: Wire) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/connect", get(connect).post(connect_by_form))
        .route("/callback", get(callback))
        .route("/finish", get(finish))
        .route("/inbox", get(inbox))
        .route("/send", axum::routing::post(send))
        .route("/go", get(go))
        .with_state(Arc::new(Robot { config, wire }))
}

impl KnownServer {
    /// The authorization request, as a careless client writes it.
    pub fn authorization_url(&self, redirect_uri: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("nonce", "mail-robot")
            .finish();
        format!("{}?{query}", self.authorization_endpoint)
    }

    /// Redeems a code, wherever it came from: the access token, or what went wrong. Nothing of the answer is checked.
    pub async fn redeem(&self, wire: &Wire, code: &str, redirect_uri: &str) -> Result<String, String> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("client_id", &self.client_id),
        ];
        if let Some(secret) = &self.client_secret {
            pairs.push(("client_secret", secret.expose()));
        }
        let request = Request::post(&self.token_endpoint)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(encoded(pairs)))
            .map_err(|error| error.to_string())?;
        let answer = wire.send(request).await.map_err(|error| error.to_string())?;
        let read: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let said = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
        match read["access_token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(format!("{} {}: {}", answer.status().as_u16(), said("error"), said("error_description"))),
        }
    }
}

impl Robot {
    fn redirect_uri(&self) -> String {
        format!("{}/callback", self.config.origin)
    }

    /// The server of that name, or the first.
    fn server(&self, name: Option<&str>) -> Option<&KnownServer> {
        let servers = &self.config.servers;
        servers.iter().find(|server| Some(server.name.as_str()) == name).or(servers.first())
    }

    async fn finished(&self, headers: &HeaderMap, answer: &Pairs) -> Response {
        let Some(code) = answer.get("code") else {
            let error = answer.get("error").map_or("no code came", String::as_str);
            return pages::problem(StatusCode::BAD_REQUEST, error);
        };
        // The answer says by itself (`iss`) which server it is from. Nobody looks.
        let Some(server) = self.server(cookie(headers).as_deref()) else { return no_server() };
        match server.redeem(&self.wire, code, &self.redirect_uri()).await {
            Ok(token) => Redirect::to(&format!("/inbox?{}", encoded([("token", token.as_str())]))).into_response(),
            Err(error) => pages::problem(StatusCode::BAD_GATEWAY, &error),
        }
    }
}

async fn home(State(robot): Shared) -> Response {
    pages::home(&robot.config.servers)
}

fn no_server() -> Response {
    pages::problem(StatusCode::INTERNAL_SERVER_ERROR, "the robot knows no server")
}

async fn connect(State(robot): Shared, Query(wish): Query<Pairs>) -> Response {
    let Some(server) = robot.server(wish.get("at").map(String::as_str)) else { return no_server() };
    let cookie = format!("at={}; Path=/", server.name);
    ([(header::SET_COOKIE, cookie)], Redirect::to(&server.authorization_url(&robot.redirect_uri()))).into_response()
}

async fn connect_by_form(robot: Shared, Form(wish): Form<Pairs>) -> Response {
    connect(robot, Query(wish)).await
}

async fn callback(State(robot): Shared, headers: HeaderMap, Query(answer): Query<Pairs>) -> Response {
    match &robot.config.banner {
        Some(banner) => {
            let next =
                format!("/finish?{}", encoded(answer.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
            pages::moment(banner, &next)
        }
        None => robot.finished(&headers, &answer).await,
    }
}

async fn finish(State(robot): Shared, headers: HeaderMap, Query(answer): Query<Pairs>) -> Response {
    robot.finished(&headers, &answer).await
}

async fn inbox(State(robot): Shared, Query(asked): Query<Pairs>) -> Response {
    let token = asked.get("token").map_or("", String::as_str);
    let Ok(request) = Request::get(format!("{}/messages", robot.config.mailbox_url))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Bytes::new())
    else {
        return pages::problem(StatusCode::BAD_REQUEST, "that is no token");
    };
    match robot.wire.send(request).await {
        Ok(answer) if answer.status() == StatusCode::OK => pages::inbox(token, &subjects(answer.body())),
        Ok(answer) => pages::problem(StatusCode::BAD_GATEWAY, &format!("the mailbox answered {}", answer.status())),
        Err(error) => pages::problem(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

/// The subjects of a mailbox's answer, newest first.
pub fn subjects(body: &[u8]) -> Vec<String> {
    let read: Value = serde_json::from_slice(body).unwrap_or_default();
    let messages = read["messages"].as_array().into_iter().flatten();
    messages.filter_map(|message| message["subject"].as_str()).map(str::to_owned).collect()
}

async fn send(State(robot): Shared, Form(mut form): Form<Pairs>) -> Response {
    let token = form.remove("token").unwrap_or_default();
    let Ok(request) = Request::post(format!("{}/messages", robot.config.mailbox_url))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(serde_json::json!(form).to_string()))
    else {
        return pages::problem(StatusCode::BAD_REQUEST, "that is no token");
    };
    match robot.wire.send(request).await {
        Ok(answer) if answer.status() == StatusCode::CREATED => {
            Redirect::to(&format!("/inbox?{}", encoded([("token", token.as_str())]))).into_response()
        }
        Ok(answer) => pages::problem(StatusCode::BAD_GATEWAY, &format!("the mailbox answered {}", answer.status())),
        Err(error) => pages::problem(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

/// "So that links in newsletters can be counted": the open redirector. A host without a scheme will do.
async fn go(Query(asked): Query<Pairs>) -> Response {
    match asked.get("to") {
        Some(to) if to.contains("://") => Redirect::to(to).into_response(),
        Some(to) => Redirect::to(&format!("http://{to}")).into_response(),
        None => pages::problem(StatusCode::BAD_REQUEST, "where to?"),
    }
}

fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "at").map(|(_, value)| value.to_owned())
}
