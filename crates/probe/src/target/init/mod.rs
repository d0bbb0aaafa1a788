//! A first target file for an issuer: what the server says of itself, the clients that the probe needs, and what only a person
//! can fill in.

mod clients;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use url::Url;

pub use self::clients::{Made, Wish, wishes};
pub use self::text::write;
use super::Limits;
use crate::discover;
use crate::http::{Bounds, Http, Tls};
use crate::person::Preset;

/// What a target file is made for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The issuer identifier, byte for byte.
    pub issuer: String,
    /// Where the metadata document is, if not at a well-known place of the issuer.
    pub metadata: Option<Url>,
    /// PEM file with authorities to believe beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether clients are registered.
    pub clients: Clients,
    /// A token for dynamic registration (RFC 7591 section 3).
    pub initial_access_token: Option<String>,
}

/// Where the clients come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Clients {
    /// Registered by the probe if the server offers that (RFC 7591); what it refuses is listed.
    #[default]
    Register,
    /// Only listed, to be made by a person.
    List,
}

/// What was found out.
#[derive(Debug)]
pub struct Found {
    /// The metadata document.
    pub metadata: Value,
    /// Origins of endpoints that are not the issuer's.
    pub origins: BTreeSet<String>,
    /// Whose pages these probably are.
    pub preset: Preset,
    /// The server takes registrations.
    pub registers: Option<Url>,
    /// Clients by role, in the order of the file.
    pub clients: Vec<(Wish, Made)>,
}

impl Found {
    /// The clients that a person has to make, as RFC 7591 metadata by role.
    #[must_use]
    pub fn to_make(&self) -> BTreeMap<&str, &Value> {
        let missing = self.clients.iter().filter(|(_, made)| !matches!(made, Made::Registered { .. }));
        missing.map(|(wish, _)| (wish.role, &wish.metadata)).collect()
    }
}

/// Asks the server what it is, and for clients.
///
/// # Errors
/// In a sentence: the issuer is no URL, the metadata cannot be had, or is another issuer's.
pub async fn find(asked: &Asked) -> Result<Found, String> {
    let issuer = Url::parse(&asked.issuer).map_err(|error| format!("issuer {}: {error}", asked.issuer))?;
    if !matches!(issuer.scheme(), "http" | "https") || issuer.host().is_none() {
        return Err(format!("issuer {}: an http or https URL is needed", asked.issuer));
    }
    let first = issuer.origin().ascii_serialization();
    let near: BTreeSet<String> =
        asked.metadata.iter().map(|url| url.origin().ascii_serialization()).chain([first.clone()]).collect();
    let metadata = discover::metadata(&sender(asked, near)?, &issuer, asked.metadata.as_ref()).await?;
    // OpenID Connect Discovery section 4.3, RFC 8414 section 3.3.
    match metadata["issuer"].as_str() {
        Some(named) if named == asked.issuer => {}
        Some(named) => {
            return Err(format!(
                "the metadata is that of {named:?}: give the issuer exactly so, if that is the server you mean"
            ));
        }
        None => return Err("the metadata names no issuer".to_owned()),
    }
    let endpoint = |name: &str| metadata[name].as_str().and_then(|url| Url::parse(url).ok());
    let members = metadata.as_object().into_iter().flatten().map(|(name, _)| name);
    let endpoints =
        members.filter(|name| name.ends_with("_endpoint") || *name == "jwks_uri").filter_map(|name| endpoint(name));
    let origins: BTreeSet<String> =
        endpoints.map(|url| url.origin().ascii_serialization()).filter(|origin| *origin != first).collect();
    let registers = endpoint("registration_endpoint");
    let mut clients = Vec::new();
    for wish in wishes(&metadata)? {
        let made = match (&registers, asked.clients) {
            (Some(url), Clients::Register) => {
                let http = sender(asked, [url.origin().ascii_serialization()].into())?;
                clients::register(&http, url, asked.initial_access_token.as_deref(), &wish).await
            }
            _ => Made::Not("not asked for".to_owned()),
        };
        clients.push((wish, made));
    }
    let preset = preset(&issuer, &metadata);
    Ok(Found { metadata, origins, preset, registers, clients })
}

fn sender(asked: &Asked, origins: BTreeSet<String>) -> Result<Http, String> {
    let limits = Limits::default();
    let exchange = Duration::from_secs(limits.exchange_seconds);
    let bounds = Bounds { exchange, per_second: discover::GENTLE, requests: 100, origins };
    Ok(Http::new(bounds, Tls::new(asked.ca_file.as_deref())?))
}

/// Whose pages these are, by the addresses that the server gives its endpoints. A guess: it only helps to find fields.
fn preset(issuer: &Url, metadata: &Value) -> Preset {
    let path =
        |name: &str| metadata[name].as_str().and_then(|url| Url::parse(url).ok()).map(|url| url.path().to_owned());
    let authorization = path("authorization_endpoint").unwrap_or_default();
    let own = |value: &Value| value.as_str().is_some_and(|acr| acr.starts_with("urn:safeconduct:"));
    if metadata["acr_values_supported"].as_array().is_some_and(|values| values.iter().any(own)) {
        Preset::Safeconduct
    } else if authorization.ends_with("/protocol/openid-connect/auth") {
        Preset::Keycloak
    } else if authorization.ends_with("/oauth2/auth")
        && path("token_endpoint").is_some_and(|path| path.ends_with("/oauth2/token"))
    {
        Preset::Hydra
    } else if issuer.path().trim_end_matches('/').ends_with("/auth/v1") && authorization.ends_with("/oidc/authorize") {
        Preset::Rauthy
    } else if authorization.ends_with("/auth")
        && path("introspection_endpoint").is_none_or(|path| path.ends_with("/token/introspection"))
        && path("userinfo_endpoint").is_some_and(|path| path.ends_with("/me"))
    {
        Preset::NodeOidcProvider
    } else {
        Preset::None
    }
}
