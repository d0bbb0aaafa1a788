//! Who lives in the straw: its configuration, clients and people.

use anyhow::{Context, Result};
use jose::{Algorithm, JwkSet, Secret, SigningKey};
use serde_json::{Map, Value, json};
use server::app::Shared;
use server::commands::{Admin, Command, NewPassword, execute, read_metadata};
use server::config::{Config, Issuer, Resource};

use super::Options;
use super::backdoor::{Client, Person};
use super::layer::Weakness;
use super::sockets::Origins;

/// What the clients of people may ask for. `calendar:send` is nobody's, so that somebody can ask for it in vain.
const MOST: &str = "openid profile email offline_access mail:read mail:send calendar:read";

/// The server's configuration: defaults, two resources, lifetimes as asked for.
pub(super) fn config(options: &Options, origins: &Origins) -> Result<Config> {
    let mut config = Config::with_issuer(Issuer::parse(&origins.issuer).context("the issuer")?);
    let resource = |identifier: &str, name: &str, format: &str| {
        let label = name.to_lowercase();
        json!({
            "identifier": identifier,
            "name": name,
            "token_format": format,
            "scopes": {
                format!("{label}:read"): { "description": format!("Read your {label}") },
                format!("{label}:send"): { "description": format!("Send {label} in your name"), "sensitive": true },
            },
        })
    };
    let resources = json!([resource(&origins.mail, "Mail", "jwt"), resource(&origins.calendar, "Calendar", "opaque"),]);
    config.resource = serde_json::from_value::<Vec<Resource>>(resources).context("the resources")?;
    if let Some(seconds) = options.code_lifetime {
        config.lifetimes.code = serde_json::from_value(json!(seconds)).context("--code-lifetime")?;
    }
    Ok(config)
}

/// Registers the clients.
pub(super) async fn clients(
    app: &Shared,
    options: &Options,
    origins: &Origins,
    weak: &[Box<dyn Weakness>],
) -> Result<Vec<Client>> {
    let mut clients = Vec::new();
    for (role, mut metadata) in cast(origins) {
        let key = if metadata["token_endpoint_auth_method"] == "private_key_jwt" {
            let key = SigningKey::generate(Algorithm::Es256)?;
            let public = JwkSet::from_keys([key.public_jwk().clone()])?;
            metadata["jwks"] = serde_json::from_str(&public.to_json())?;
            Some(key)
        } else {
            None
        };
        if let Some(seconds) = options.access_token_lifetime {
            metadata["access_token_lifetime"] = json!(seconds);
        }
        weak.iter().for_each(|weakness| weakness.register(role, &mut metadata));
        let metadata = Box::new(read_metadata(&metadata.to_string())?);
        let mut made = execute(Admin::from(app.as_ref()), Command::ClientAdd { metadata }).await?;
        // Kept once, as a secret.
        let secret = made.as_object_mut().and_then(|made| made.remove("client_secret"));
        let secret = secret.and_then(|secret| secret.as_str().map(|text| Secret::new(text.to_owned())));
        clients.push(Client { role, metadata: made, secret, key });
    }
    Ok(clients)
}

/// The clients by role.
fn cast(origins: &Origins) -> Vec<(&'static str, Value)> {
    let web = |id: &str, name: &str, scope: &str, origin: &str| {
        json!({
            "client_id": id,
            "client_name": name,
            "application_type": "web",
            "redirect_uris": [format!("{origin}/callback")],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic",
            "scope": scope,
        })
    };
    let mut stranger = web("straw-stranger", "A stranger", "openid mail:read", &origins.other);
    stranger["vouched_for"] = json!(false);
    let hostile = "<b>Bank</b>\"'><script>alert(1)</script>";
    vec![
        ("web", web("straw-web", "Mail robot", MOST, &origins.web)),
        ("other", web("straw-other", "Other robot", "openid email offline_access mail:read", &origins.other)),
        ("stranger", stranger),
        ("hostile", web("straw-hostile", hostile, "openid mail:read", &origins.other)),
        (
            "native",
            json!({
                "client_id": "straw-native",
                "client_name": "Mail on the go",
                "application_type": "native",
                "redirect_uris": ["http://127.0.0.1/callback", "http://[::1]/callback", "com.example.straw:/callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_method": "none",
                "scope": MOST,
            }),
        ),
        (
            "machine",
            json!({
                "client_id": "straw-machine",
                "client_name": "Nightly report",
                "grant_types": ["client_credentials"],
                "token_endpoint_auth_method": "client_secret_basic",
                "scope": "mail:read",
                "resources": [origins.mail],
            }),
        ),
        (
            "key",
            json!({
                "client_id": "straw-key",
                "client_name": "Robot with a key",
                "application_type": "web",
                "redirect_uris": [format!("{}/callback", origins.web)],
                "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                "token_endpoint_auth_method": "private_key_jwt",
                "scope": MOST,
            }),
        ),
        (
            "api",
            json!({
                "client_id": "straw-api",
                "client_name": "Mail and calendar",
                "grant_types": [],
                "token_endpoint_auth_method": "client_secret_basic",
                "introspect_resources": [origins.mail, origins.calendar],
            }),
        ),
    ]
}

/// Makes the accounts: two for the target file, and one inside.
pub(super) async fn people(app: &Shared) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for (role, username, name) in [("user", "ada", "Ada"), ("second_user", "grace", "Grace"), ("", "inside", "Inside")]
    {
        let claims = json!({ "name": name, "email": format!("{username}@mail.example"), "email_verified": true });
        let claims: Map<String, Value> = serde_json::from_value(claims)?;
        let add = Command::UserAdd { username: username.to_owned(), password: NewPassword::Generate, claims };
        let made = execute(Admin::from(app.as_ref()), add).await?;
        let text =
            |member: &str| made[member].as_str().map(str::to_owned).with_context(|| format!("no {member} was made"));
        let (password, subject) = (Secret::new(text("password")?), text("subject")?);
        people.push(Person { role, username: username.to_owned(), password, subject });
    }
    Ok(people)
}
