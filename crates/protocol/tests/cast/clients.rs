//! The clients.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::handle::{Draw, HandleKind, NewHandle};
use protocol::registration::{ClientMetadata, MetadataError, RegisteredClient};
use serde_json::{Value, json};

use super::{CALENDAR, Counter, MAIL, NOW, client_key, policy};

/// A web application with a secret: rotates, may be remembered.
pub const ROBOT: &str = "robot";
/// A native app: public.
pub const APP: &str = "app";
/// Another web application, which may turn hostile.
pub const MALLORY: &str = "mallory";
/// A web application that signs assertions.
pub const KEYED: &str = "keyed";
/// The same, with the switch for the old audience rule.
pub const OLD: &str = "old";
/// A web application that cannot rotate.
pub const REUSER: &str = "reuser";
/// A web application that may leave out PKCE.
pub const LEGACY: &str = "legacy";
/// A third party that nobody vouches for.
pub const STRANGER: &str = "stranger";
/// The mail API, as a client that may introspect.
pub const MAIL_API: &str = "mail-api";
/// The calendar API, as a client that may introspect.
pub const CALENDAR_API: &str = "calendar-api";
/// A client for itself only, and for one API only.
pub const BATCH: &str = "batch";
/// A web application that posts its secret.
pub const POSTER: &str = "poster";

/// Where the web client listens.
pub const ROBOT_CB: &str = "https://robot.example/cb";
/// Where the native client listens.
pub const APP_CB: &str = "http://127.0.0.1/cb";
/// Where the hostile client listens.
pub const MALLORY_CB: &str = "https://mallory.example/cb";

const SCOPES: &str = "openid profile email offline_access mail:read mail:send cal:read";

/// Metadata of a web client of this name.
pub fn web(id: &str) -> Value {
    json!({
        "client_id": id,
        "redirect_uris": [format!("https://{id}.example/cb")],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": SCOPES,
    })
}

/// Metadata of a native client of this name.
pub fn native(id: &str) -> Value {
    json!({
        "client_id": id,
        "application_type": "native",
        "redirect_uris": [APP_CB, "com.example.app:/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": SCOPES,
    })
}

/// `metadata` with one member set.
pub fn with(mut metadata: Value, name: &str, value: impl Into<Value>) -> Value {
    metadata[name] = value.into();
    metadata
}

/// Registers by the rules.
pub fn register(metadata: &Value) -> Result<RegisteredClient, MetadataError> {
    let metadata: ClientMetadata = serde_json::from_value(metadata.clone()).expect("client metadata");
    RegisteredClient::register(metadata, "made-up", &policy(), NOW)
}

/// The member and the reason of a refusal.
pub fn refused(metadata: &Value) -> (&'static str, String) {
    let error = register(metadata).expect_err("must be refused");
    (error.member(), error.to_string())
}

/// All clients, and their secrets.
pub struct Clients {
    pub by_id: BTreeMap<String, Arc<RegisteredClient>>,
    pub secrets: BTreeMap<String, String>,
}

impl Clients {
    pub fn all() -> Clients {
        let mut clients = Clients { by_id: BTreeMap::new(), secrets: BTreeMap::new() };
        let jwks = json!({ "keys": [client_key().public_jwk()] });
        let keyed = |id| with(with(web(id), "token_endpoint_auth_method", "private_key_jwt"), "jwks", jwks.clone());
        clients.add(&with(
            web(ROBOT),
            "grant_types",
            json!(["authorization_code", "refresh_token", "client_credentials"]),
        ));
        clients.add(&native(APP));
        clients.add(&with(web(MALLORY), "grant_types", json!(["authorization_code", "refresh_token"])));
        clients.add(&keyed(KEYED));
        clients.add(&with(keyed(OLD), "danger_accept_endpoint_audience", true));
        clients.add(&with(web(REUSER), "refresh_token_policy", "reuse"));
        clients.add(&with(web(LEGACY), "danger_allow_missing_pkce", true));
        clients.add(&with(web(STRANGER), "vouched_for", false));
        clients.add(&with(web(POSTER), "token_endpoint_auth_method", "client_secret_post"));
        for (id, resource) in [(MAIL_API, MAIL), (CALENDAR_API, CALENDAR)] {
            clients.add(&json!({ "client_id": id, "grant_types": [], "introspect_resources": [resource] }));
        }
        clients.add(&json!({
            "client_id": BATCH, "grant_types": ["client_credentials"], "resources": [MAIL], "scope": "mail:read mail:send",
        }));
        clients
    }

    /// Registers a client, with a secret where it uses one.
    pub fn add(&mut self, metadata: &Value) {
        use protocol::registration::ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
        let mut client = register(metadata).expect("the cast is registrable");
        if matches!(client.auth_method(), ClientSecretBasic | ClientSecretPost) {
            let mut draw = Counter(900_000 + 10 * self.by_id.len() as u64);
            let handle = NewHandle::mint(HandleKind::ClientSecret, draw.id(), &draw.secret());
            client.add_secret(handle.id(), handle.hash(), NOW, NOW);
            self.secrets.insert(client.id().to_owned(), handle.into_value().expose().clone());
        }
        self.by_id.insert(client.id().to_owned(), Arc::new(client));
    }

    /// Changes a client in place, as an operator would.
    pub fn change(&mut self, id: &str, change: impl FnOnce(&mut RegisteredClient)) {
        let mut client = (*self.by_id[id]).clone();
        change(&mut client);
        self.by_id.insert(id.to_owned(), Arc::new(client));
    }
}
