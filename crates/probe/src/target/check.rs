//! What makes no sense in a target file is said before anything is sent.

use std::fmt;
use std::path::Path;

use url::Url;

use super::Target;
use crate::http::jar::is_loopback;

/// What is wrong with a target file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
    pub(super) fn new(path: &Path, what: impl fmt::Display) -> Self {
        Self(format!("{}: {what}", path.display()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl Target {
    pub(super) fn check(&mut self) -> Result<(), String> {
        let issuer = Url::parse(&self.issuer).map_err(|error| format!("issuer: {error}"))?;
        if !matches!(issuer.scheme(), "http" | "https") || issuer.host_str().is_none() {
            return Err("issuer: an http or https URL is needed".into());
        }
        if self.name.is_empty() {
            self.name.clone_from(&self.issuer);
        }
        for (role, client) in &self.clients {
            if client.client_id.is_empty() {
                return Err(format!("clients.{role}.client_id: is empty"));
            }
            if let Some(uri) = &client.redirect_uri {
                Url::parse(uri).map_err(|error| format!("clients.{role}.redirect_uri: {error}"))?;
            }
            let missing = match client.auth_method() {
                "client_secret_basic" | "client_secret_post" | "client_secret_jwt" if client.client_secret.is_none() => "client_secret",
                "private_key_jwt" if client.key.is_none() => "key",
                _ => continue,
            };
            return Err(format!("clients.{role}.{missing}: {} needs it", client.auth_method()));
        }
        let limits = &self.limits;
        for (name, value) in [
            ("exchange_seconds", limits.exchange_seconds),
            ("case_seconds", limits.case_seconds),
            ("run_seconds", limits.run_seconds),
            ("requests", limits.requests),
            ("parallel", limits.parallel as u64),
        ] {
            if value == 0 {
                return Err(format!("limits.{name}: must be at least 1"));
            }
        }
        Ok(())
    }

    /// Hosts that would be spoken to and are not this machine.
    #[must_use]
    pub fn foreign(&self) -> Vec<String> {
        let issuer = Url::parse(&self.issuer).ok();
        let resources = self.resource.iter().chain(&self.other_resource).map(|resource| &resource.url);
        let urls = issuer.iter().chain(&self.metadata).chain(self.endpoints.values()).chain(&self.origins).chain(resources);
        let mut hosts: Vec<String> =
            urls.filter(|url| !is_loopback(url)).filter_map(|url| url.host_str().map(str::to_owned)).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}
