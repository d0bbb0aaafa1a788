//! The configuration: `safeconduct.toml`, overlaid by environment variables, checked as a whole before anything starts.
//!
//! Every value is of a type that can only hold what is allowed, and what depends on two keys is checked in `checks.rs`.
//! The commented file that `init` writes and `docs/configuration.md` are both made from the JSON schema, and the schema
//! from the types, so that none of them can lag behind.

// Errors are made once, at the start; their size does not matter.
#![allow(clippy::result_large_err)]

mod bounds;
mod checks;
mod document;
mod error;
mod issuer;
mod overlay;
mod sections;
mod values;

pub use bounds::{Amount, DAY, HOUR, MINUTE, Span};
pub use document::{Initial, reference_markdown, schema};
pub use error::{ConfigError, Origin};
pub use issuer::{Issuer, IssuerError};
pub use sections::{I18n, Keys, Language, Lifetimes, Limits, Log, LogFormat, Passwords, Server, Store, Throttle, Tls};
pub use values::{Algorithm, LogFilter, Network, Resource, ResourceIdentifier, Scope, ScopeName, Text, TokenFormat};

use error::{Source, Step};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Everything an operator decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The URL by which browsers and clients reach this server, and its name in every token: `https`, or `http` on
    /// loopback. Tokens carry it, so changing it later breaks every client.
    pub issuer: Issuer,
    /// Where the server listens and what one connection may ask of it.
    #[serde(default)]
    pub server: Server,
    /// How long things live.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// How passwords are hashed and how good a new one must be.
    #[serde(default)]
    pub passwords: Passwords,
    /// The tar pit for wrong passwords and wrong client secrets.
    #[serde(default)]
    pub throttle: Throttle,
    /// Signing keys.
    #[serde(default)]
    pub keys: Keys,
    /// The store.
    #[serde(default)]
    pub store: Store,
    /// What the server tells about itself on standard error.
    #[serde(default)]
    pub log: Log,
    /// Languages of the pages.
    #[serde(default)]
    pub i18n: I18n,
    /// The APIs that take our access tokens, and their scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<Resource>,
}

impl Config {
    /// Reads `path`, overlays the process's environment, checks it all, and looks at the modes of secret files. Relative
    /// paths inside are taken from the folder of `path`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and the fix.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        // A variable that is not Unicode cannot be one of ours.
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| ConfigError {
            origin: Origin::File { name: name.clone() },
            key: String::new(),
            problem: format!("cannot be read: {e}"),
            why: "the server does nothing without its configuration".to_owned(),
            fix: "give the path of safeconduct.toml, or make one with `safeconduct init`".to_owned(),
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let config = Self::parse(&text, &name, folder, environment)?;
        checks::files(&config, Source { name: &name, text: &text })?;
        Ok(config)
    }

    /// As [`Config::load`], from a text named `name`, with relative paths taken from `folder` and with the environment
    /// given. The only files read are those that `*_file` keys name.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and the fix.
    pub fn parse(
        text: &str,
        name: &str,
        folder: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let source = Source { name, text };
        let overlaid = overlay::merge(source, folder, environment)?;
        let mut config: Config = serde_path_to_error::deserialize(overlaid.table.clone()).map_err(|e| {
            let path = overlay::steps(e.path());
            overlaid.error_at(source, &path, e.inner().message())
        })?;
        config.resolve_paths(folder);
        checks::whole(&config).map_err(|wrong| overlaid.error_at(source, &wrong.path, &wrong.message))?;
        Ok(config)
    }

    /// The text of a new `safeconduct.toml`: every key with its comment, bounds and default; only what `initial` gives is
    /// set, so that later defaults reach old files.
    #[must_use]
    pub fn default_toml(initial: &Initial<'_>) -> String {
        document::template(initial)
    }

    /// A configuration with defaults for all but the issuer.
    #[must_use]
    pub fn with_issuer(issuer: Issuer) -> Self {
        Self {
            issuer,
            server: Server::default(),
            lifetimes: Lifetimes::default(),
            passwords: Passwords::default(),
            throttle: Throttle::default(),
            keys: Keys::default(),
            store: Store::default(),
            log: Log::default(),
            i18n: I18n::default(),
            resource: Vec::new(),
        }
    }

    fn resolve_paths(&mut self, folder: &Path) {
        let resolve = |path: &mut PathBuf| *path = folder.join(&*path);
        resolve(&mut self.store.path);
        resolve(&mut self.keys.directory);
        if let Some(tls) = &mut self.server.tls {
            resolve(&mut tls.certificate);
            resolve(&mut tls.key);
        }
    }
}

/// A rule that several keys break together.
struct Broken {
    path: Vec<Step>,
    message: String,
}

#[cfg(test)]
mod tests;
