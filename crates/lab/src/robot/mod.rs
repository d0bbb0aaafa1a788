//! The careful mail robot: a web client whose pages show OAuth as it happens.

use axum::Router;

use crate::{ConfigError, Secret, Surroundings};

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

/// The robot as a router. Makes no request until somebody presses the button.
pub fn router(config: RobotConfig) -> Result<Router, ConfigError> {
    let _ = config;
    Ok(Router::new())
}
