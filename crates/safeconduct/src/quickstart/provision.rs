//! Who lives there: one user and five clients, made at the first start.

use anyhow::{Context, Result};
use jose::{Algorithm, JwkSet, Secret, SigningKey};
use serde_json::{Map, Value, json};
use server::app::Shared;
use server::commands::{Admin, Command, CommandError, Kind, NewPassword, execute, read_metadata};

use super::place::Home;
use crate::files::{Existing, write_private};

pub const USERNAME: &str = "ada";
/// The private key of the client `batch-key`.
pub const BATCH_KEY: &str = "batch-key.jwk";
/// Secrets as shell variables, for the examples with curl.
pub const ENVIRONMENT: &str = "quickstart.env";

/// Everybody, with secrets.
pub struct Provided {
    /// Told at the first start only.
    pub password: Option<Secret<String>>,
    /// Client information objects.
    pub clients: Vec<Value>,
}

impl Provided {
    /// The secret of a demo client. Empty if somebody took it out of the file.
    pub fn secret(&self, client_id: &str) -> Secret<String> {
        let client = self.clients.iter().find(|client| client["client_id"] == client_id);
        let secret = client.and_then(|client| client["client_secret"].as_str());
        Secret::new(secret.unwrap_or_default().to_owned())
    }
}

/// Makes whoever is missing. A first start that broke off is begun again: what it made is replaced.
pub async fn provide(app: &Shared, home: &Home) -> Result<Provided> {
    if home.is_furnished() {
        return Ok(Provided { password: None, clients: home.state.clients.clone() });
    }
    let password = user(app, USERNAME, claims()?).await?;
    let mut clients = Vec::new();
    for metadata in clients_of(home)? {
        clients.push(client(app, metadata).await?);
    }
    let provided = Provided { password: Some(password), clients: clients.clone() };
    write_environment(home, &provided)?;
    // Last: from now on this start counts as through.
    home.furnish(&clients)?;
    Ok(provided)
}

async fn run(app: &Shared, command: Command) -> Result<Value, CommandError> {
    execute(Admin::from(app.as_ref()), command).await
}

/// Makes a person, or gives one that is there a new password.
pub async fn user(app: &Shared, username: &str, claims: Map<String, Value>) -> Result<Secret<String>> {
    let username = username.to_owned();
    let add = Command::UserAdd { username: username.clone(), password: NewPassword::Generate, claims };
    let made = match run(app, add).await {
        Err(error) if error.kind == Kind::Conflict => {
            run(app, Command::UserSetPassword { username, password: NewPassword::Generate }).await?
        }
        other => other?,
    };
    Ok(Secret::new(made["password"].as_str().context("no password was made")?.to_owned()))
}

/// Makes a client, in place of one that is there.
pub async fn client(app: &Shared, metadata: Value) -> Result<Value> {
    let metadata = read_metadata(&metadata.to_string())?;
    let add = |metadata| Command::ClientAdd { metadata: Box::new(metadata) };
    match run(app, add(metadata.clone())).await {
        Err(error) if error.kind == Kind::Conflict => {
            let client_id = metadata.client_id.clone().unwrap_or_default();
            run(app, Command::ClientRemove { client_id }).await?;
            Ok(run(app, add(metadata)).await?)
        }
        other => Ok(other?),
    }
}

/// Every standard claim, so that every scope has something to show.
fn claims() -> Result<Map<String, Value>> {
    let claims = json!({
        "name": "Ada Lovelace",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "middle_name": "King",
        "nickname": "Enchantress of Numbers",
        "preferred_username": USERNAME,
        "profile": "https://ada.example/about",
        "picture": "https://ada.example/ada.png",
        "website": "https://ada.example/",
        "email": "ada@mail.example",
        "email_verified": true,
        "gender": "female",
        "birthdate": "1815-12-10",
        "zoneinfo": "Europe/London",
        "locale": "en-GB",
        "phone_number": "+44 20 7946 0815",
        "phone_number_verified": false,
        "address": {
            "formatted": "12 St James's Square\nLondon SW1Y 4JH\nUnited Kingdom",
            "street_address": "12 St James's Square",
            "locality": "London",
            "postal_code": "SW1Y 4JH",
            "country": "United Kingdom",
        },
    });
    match claims {
        Value::Object(claims) => Ok(claims),
        _ => Err(anyhow::anyhow!("claims are an object")),
    }
}

fn clients_of(home: &Home) -> Result<Vec<Value>> {
    const MAIL: &str = "openid profile email offline_access mail:read mail:send";
    let (mailbox, robot) = (home.mailbox_url(), home.robot_url());
    Ok(vec![
        json!({
            "client_id": "mail-robot",
            "client_name": "Mail robot",
            "application_type": "web",
            "redirect_uris": [format!("{robot}{}", lab::robot::CALLBACK_PATH)],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic",
            "scope": MAIL,
            "resources": [mailbox],
        }),
        json!({
            "client_id": "native-app",
            "client_name": "Mail on the go",
            "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/callback", "http://[::1]/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
            "scope": MAIL,
            "resources": [mailbox],
        }),
        json!({
            "client_id": "mail-api",
            "client_name": "Mailbox",
            "grant_types": [],
            "token_endpoint_auth_method": "client_secret_basic",
            "introspect_resources": [mailbox],
        }),
        json!({
            "client_id": "batch-job",
            "client_name": "Nightly report",
            "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_basic",
            "scope": "mail:read",
            "resources": [mailbox],
        }),
        json!({
            "client_id": "batch-key",
            "client_name": "Nightly report with a key",
            "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": batch_key(home)?,
            "scope": "mail:read",
            "resources": [mailbox],
        }),
    ])
}

/// Makes the key pair of `batch-key`: the private half goes into a file, the public half to the server.
fn batch_key(home: &Home) -> Result<Value> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    write_private(&home.file(BATCH_KEY), &key.to_private_jwk(), Existing::Replace)?;
    let public = JwkSet::from_keys([key.public_jwk().clone()])?;
    Ok(serde_json::from_str(&public.to_json())?)
}

fn write_environment(home: &Home, provided: &Provided) -> Result<()> {
    // Handles and URLs hold nothing that a shell would take for its own.
    let lines = [
        ("ISSUER", home.issuer()),
        ("MAILBOX", home.mailbox_url()),
        ("BATCH_JOB_SECRET", provided.secret("batch-job").expose().clone()),
        ("MAIL_API_SECRET", provided.secret("mail-api").expose().clone()),
        ("MAIL_ROBOT_SECRET", provided.secret("mail-robot").expose().clone()),
    ];
    let text: String = lines.iter().map(|(name, value)| format!("{name}='{value}'\n")).collect();
    write_private(&home.file(ENVIRONMENT), &Secret::new(text), Existing::Replace)
}
