//! What the operator decided: lifetimes, resources and their scopes.

use jose::{Algorithm, Seconds};

/// The decisions of the operator that the protocol needs. Made from the configuration once, at start.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The issuer identifier (RFC 8414 section 2): every URL of the server begins with it.
    pub issuer: String,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// The algorithm that signs where nobody asks for another.
    pub signing_alg: Algorithm,
    /// The protected resources that tokens can be for.
    pub resources: Vec<ResourceServer>,
}

/// Lifetimes, each within bounds that the configuration checks.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Authorization codes.
    pub code: Seconds,
    /// Access tokens, where neither resource nor client says otherwise.
    pub access_token: Seconds,
    /// ID tokens.
    pub id_token: Seconds,
    /// A refresh token that is not used.
    pub refresh_idle: Seconds,
    /// A grant in all, however busy.
    pub refresh_total: Seconds,
    /// A request that waits for the person.
    pub parked: Seconds,
    /// Remembered consent.
    pub consent: Seconds,
    /// How far ahead another machine's clock may be.
    pub clock_skew: Seconds,
}

impl Default for Lifetimes {
    fn default() -> Lifetimes {
        const DAY: u32 = 86_400;
        Lifetimes {
            code: Seconds(60),
            access_token: Seconds(300),
            id_token: Seconds(300),
            refresh_idle: Seconds(30 * DAY),
            refresh_total: Seconds(180 * DAY),
            parked: Seconds(900),
            consent: Seconds(180 * DAY),
            clock_skew: Seconds(10),
        }
    }
}

/// How a resource's access tokens look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFormat {
    /// A JWT that the resource checks by itself (RFC 9068).
    Jwt,
    /// A handle that only introspection can read: nothing inside, and it ends at once.
    Opaque,
}

/// An API that tokens can be for.
#[derive(Clone, Debug)]
pub struct ResourceServer {
    /// Its resource indicator (RFC 8707), which becomes the audience.
    pub identifier: String,
    /// What people read.
    pub name: String,
    /// Its tokens' form.
    pub token_format: TokenFormat,
    /// Its JWTs' algorithm.
    pub signing_alg: Algorithm,
    /// Its tokens' life, where it differs.
    pub access_token_lifetime: Option<Seconds>,
    /// What can be asked of it.
    pub scopes: Vec<ScopeDescription>,
}

/// A scope in words.
#[derive(Clone, Debug)]
pub struct ScopeDescription {
    /// The scope token.
    pub value: String,
    /// What it allows, by language tag; the first is the default.
    pub words: Vec<(String, String)>,
    /// Whether to warn.
    pub sensitive: bool,
}

impl Policy {
    /// Finds a resource by its exact indicator.
    pub fn resource(&self, identifier: &str) -> Option<&ResourceServer> {
        self.resources.iter().find(|resource| resource.identifier == identifier)
    }

    /// Finds the resource that a scope belongs to. Scopes are unique across resources.
    pub fn resource_of_scope(&self, scope: &str) -> Option<&ResourceServer> {
        self.resources.iter().find(|resource| resource.scopes.iter().any(|have| have.value == scope))
    }

    /// A URL of the server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.trim_end_matches('/'))
    }
}
