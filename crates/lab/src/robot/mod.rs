//! The careful mail robot: a web client whose pages show OAuth as it happens.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /` | home, with the button `#connect` |
//! | `POST /connect` | starts the flow: 303 to the authorization server |
//! | `GET /callback` | takes the answer, redeems the code: 303 to a clean address |
//! | `GET /inbox` | reads the mailbox; `#send`, `#refresh`, `#disconnect` |
//! | `POST /send`, `/refresh`, `/disconnect` | act, then 303 |
//!
//! Every POST needs the session's form token. Pages need no script.

mod actions;
mod edge;
mod journal;
mod pages;
mod session;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use client::{Client, ClientAuthentication, ClientError, ClientIdentity};
use tokio::sync::OnceCell;

use crate::{ConfigError, Secret, Surroundings, Wire, check_origin};
use journal::{Journal, Recorder};
use session::Sessions;

/// What the robot needs to know.
#[derive(Clone, Debug)]
pub struct RobotConfig {
    /// Its own origin without a trailing slash, e.g. `http://127.0.0.1:8082`. Its redirect URI is `<origin>/callback`.
    pub origin: String,
    /// The authorization server it trusts, exactly as that server spells its `issuer`.
    pub issuer: String,
    /// Its client identifier there.
    pub client_id: String,
    /// Its secret there, sent as `client_secret_basic`.
    pub client_secret: Secret<String>,
    /// The origin and resource identifier of the mailbox, e.g. `http://127.0.0.1:8081`. Tokens are sent there only.
    pub mailbox_url: String,
    /// Time and randomness.
    pub surroundings: Surroundings,
}

/// The path of the robot's redirect URI: register `<origin>` plus this.
pub const CALLBACK_PATH: &str = "/callback";

/// The scopes the robot asks for.
pub const SCOPE: &str = "openid mail:read mail:send";

/// All that the handlers share.
struct Robot {
    config: RobotConfig,
    identity: ClientIdentity,
    client: OnceCell<Client<Wire>>,
    sessions: Sessions,
    wire: Wire,
}

/// The robot as a router. Makes no request until somebody presses the button.
pub fn router(config: RobotConfig) -> Result<Router, ConfigError> {
    router_over(config, Wire::loopback_only())
}

/// As [`router`], with the robot's own requests sent over `wire`.
pub fn router_over(config: RobotConfig, wire: Wire) -> Result<Router, ConfigError> {
    check_origin("robot origin", &config.origin)?;
    check_origin("robot mailbox_url", &config.mailbox_url)?;
    let issuer = url::Url::parse(&config.issuer).map_err(|error| ConfigError::new("robot issuer", error))?;
    let edge = edge::Edge::new(&config.origin, &issuer.origin().ascii_serialization())?;
    let authentication = ClientAuthentication::SecretBasic(config.client_secret.clone());
    let robot = Arc::new(Robot {
        identity: ClientIdentity::web(config.client_id.clone(), authentication),
        client: OnceCell::new(),
        sessions: Sessions::new(config.surroundings.clone()),
        config,
        wire,
    });
    Ok(Router::new()
        .route("/", get(actions::home))
        .route("/connect", post(actions::connect))
        .route(CALLBACK_PATH, get(actions::callback))
        .route("/inbox", get(actions::inbox))
        .route("/send", post(actions::send))
        .route("/refresh", post(actions::refresh))
        .route("/disconnect", post(actions::disconnect))
        .route(pages::STYLE_PATH, get(pages::style))
        .route("/robot.svg", get(pages::logo))
        .fallback(actions::not_found)
        .layer(DefaultBodyLimit::max(16 * 1024))
        .layer(middleware::from_fn_with_state(Arc::new(edge), edge::guard))
        .with_state(robot))
}

impl Robot {
    /// The client, recording into this journal. The server's metadata is read at first use.
    async fn client(&self, journal: &Arc<Journal>) -> Result<Client<Recorder>, ClientError> {
        let recorder = Recorder::new(self.wire.clone(), journal.clone(), &self.config);
        let discover = async {
            let RobotConfig { issuer, surroundings, .. } = &self.config;
            let client = Client::discover(issuer, self.identity.clone(), &recorder, surroundings.clone()).await?;
            Ok::<_, ClientError>(client.via(self.wire.clone()))
        };
        let client = self.client.get_or_try_init(|| discover).await?;
        Ok(client.via(recorder.clone()))
    }

    fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK_PATH}", self.config.origin)
    }
}
