//! The target file: which server is tested, with which clients and person, and within which bounds.

mod check;
pub mod init;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

pub use self::check::Problem;
use crate::person::{Preset, Selectors};
use crate::verdict::Stop;

/// A target file as written. [`Target::read`] checks it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What reports call the server; its issuer if absent.
    #[serde(default)]
    pub name: String,
    /// The issuer identifier, byte for byte.
    pub issuer: String,
    /// Where the metadata document is, if not at a well-known place of the issuer.
    #[serde(default)]
    pub metadata: Option<Url>,
    /// Endpoints that the metadata lacks or that are to be used instead, by their metadata names.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Url>,
    /// Further origins that belong to the target: a log-in app, an API.
    #[serde(default)]
    pub origins: Vec<Url>,
    /// PEM file with authorities to believe beside the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// How the pages are driven.
    #[serde(default)]
    pub pages: Pages,
    /// The person who signs in.
    #[serde(default)]
    pub user: Option<User>,
    /// Another one.
    #[serde(default)]
    pub second_user: Option<User>,
    /// Clients by role: `web`, `other`, `native`, `machine`, `key`, `api`, and so on.
    #[serde(default)]
    pub clients: BTreeMap<String, Client>,
    /// An API that takes the server's access tokens.
    #[serde(default)]
    pub resource: Option<Resource>,
    /// Another one, with another audience.
    #[serde(default)]
    pub other_resource: Option<Resource>,
    /// What the operator says of the server where it cannot be seen from outside.
    #[serde(default)]
    pub operator: Operator,
    /// What the run may do.
    #[serde(default)]
    pub limits: Limits,
}

/// How the server's pages are driven.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// A known server's pages: `safeconduct`, `node-oidc-provider`, `keycloak`, `hydra`, `rauthy`.
    #[serde(default)]
    pub preset: Preset,
    /// `forms` (plain HTTP, the default) or `chromium` (pages that need script).
    #[serde(default)]
    pub driver: DriverKind,
    /// Path of the browser for `chromium`.
    #[serde(default)]
    pub browser: Option<PathBuf>,
    /// CSS selectors that replace those of the preset.
    #[serde(default)]
    pub selectors: Selectors,
}

/// What presses the buttons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriverKind {
    /// Headless Chromium.
    Chromium,
    /// Forms over plain HTTP.
    #[default]
    Forms,
}

/// Somebody with an account at the target, made for the test.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What goes into the username field.
    pub username: String,
    /// What goes into the password field.
    pub password: String,
}

/// A registered client, in RFC 7591 terms.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret` of a confidential client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Private JWK (JSON) of a client that uses `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How it authenticates; `client_secret_basic` with a secret, `private_key_jwt` with a key, `none` without either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    /// One registered redirect URI. Nobody needs to answer there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// The scope that honest requests ask for, space separated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// A scope that the server knows and this client may not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forbidden_scope: Option<String>,
    /// A scope that it may have beside `scope`, and that nobody has allowed it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub further_scope: Option<String>,
    /// `resource` (RFC 8707) that honest requests name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Further parameters of its honest authorization requests: `prompt = "consent"`, for instance.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

impl Client {
    /// How it authenticates, by what the file says or by what it has.
    #[must_use]
    pub fn auth_method(&self) -> &str {
        match (&self.token_endpoint_auth_method, &self.key, &self.client_secret) {
            (Some(method), ..) => method,
            (None, Some(_), _) => "private_key_jwt",
            (None, None, Some(_)) => "client_secret_basic",
            (None, None, None) => "none",
        }
    }
}

/// An API that takes the target's access tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// A URL that answers 2xx to the web client's honest token.
    pub url: Url,
    /// The method to call it with; GET if absent.
    #[serde(default = "get")]
    pub method: String,
    /// The `resource` parameter and audience that stand for it.
    #[serde(default)]
    pub identifier: Option<String>,
    /// The scope that it needs.
    #[serde(default)]
    pub scope: Option<String>,
    /// A URL of it that needs a scope which `low_scope` does not hold.
    #[serde(default)]
    pub high_url: Option<Url>,
    /// A scope that opens `url` but must not open `high_url`.
    #[serde(default)]
    pub low_scope: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

/// What cannot be seen from outside.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Lifetime of access tokens in seconds, if short enough to wait for (at most 120).
    #[serde(default)]
    pub access_token_seconds: Option<u64>,
    /// Lifetime of authorization codes in seconds, if short enough to wait for.
    #[serde(default)]
    pub code_seconds: Option<u64>,
    /// A token for dynamic registration (RFC 7591).
    #[serde(default)]
    pub initial_access_token: Option<String>,
    /// URLs of management interfaces that must not be open to strangers.
    #[serde(default)]
    pub management: Vec<Url>,
}

/// What a run may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests per second over all cases. 0: 20, or 400 to a loopback address.
    pub per_second: u32,
    /// Requests of the whole run.
    pub requests: u64,
    /// Seconds for one exchange.
    pub exchange_seconds: u64,
    /// Seconds for one case, waiting for expiry apart.
    pub case_seconds: u64,
    /// Seconds for the whole run.
    pub run_seconds: u64,
    /// Cases that run at the same time.
    pub parallel: usize,
    /// Rounds of a race.
    pub race_rounds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_second: 0,
            requests: 30_000,
            exchange_seconds: 10,
            case_seconds: 60,
            run_seconds: 1800,
            parallel: 4,
            race_rounds: 20,
        }
    }
}

impl Target {
    /// Where things are on the server's pages: the file's selectors over those of the preset.
    ///
    /// # Errors
    /// Inconclusive, with the selector that cannot be read.
    pub fn selectors(&self) -> Result<Selectors, Stop> {
        let selectors = self.pages.selectors.clone().over(self.pages.preset);
        selectors.check().map_err(|bad| Stop::inconclusive(bad.to_string()))?;
        Ok(selectors)
    }

    /// Reads and checks a target file.
    ///
    /// # Errors
    /// [`Problem`] names the file, the line or the key, and what is wrong.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let text = std::fs::read_to_string(path).map_err(|error| Problem::new(path, error))?;
        let mut target: Self = toml::from_str(&text).map_err(|error| Problem::new(path, error))?;
        target.check().map_err(|error| Problem::new(path, error))?;
        if let Some(file) = &mut target.ca_file {
            // As the file lies beside the target file.
            *file = path.parent().unwrap_or(Path::new("")).join(&file);
        }
        Ok(target)
    }
}
