//! The clients that cases need, and getting them by dynamic registration (RFC 7591).

use serde_json::{Value, json};
use url::Url;

use super::super::Client;
use crate::forge::{KeyKind, SigningKey};
use crate::http::{Http, Request};

/// A client that the probe would like to have.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its name in the target file.
    pub role: &'static str,
    /// What for.
    pub why: &'static str,
    /// As it is registered (RFC 7591 section 2).
    pub metadata: Value,
    /// Its private key (JWK), if it signs.
    pub key: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Made {
    /// The server has it now.
    Registered {
        /// As the target file takes it.
        client: Client,
        /// Where and with which token it is removed again (RFC 7592), if the server offers that.
        removal: Option<(String, String)>,
    },
    /// It is still to be made: why.
    Not(String),
}

/// Scopes that say something of the person and are no use to an API.
const ABOUT_PEOPLE: &[&str] = &["openid", "offline_access", "profile", "email", "address", "phone"];

/// What the server offers, as its metadata says.
struct Offer<'a>(&'a Value);

impl Offer<'_> {
    fn list(&self, name: &str) -> Option<Vec<&str>> {
        Some(self.0[name].as_array()?.iter().filter_map(Value::as_str).collect())
    }

    /// Without a list the default counts (RFC 8414 section 2).
    fn has(&self, list: &str, default: &[&str], word: &str) -> bool {
        self.list(list).unwrap_or_else(|| default.to_vec()).contains(&word)
    }

    fn grants(&self, grant: &str) -> bool {
        self.has("grant_types_supported", &["authorization_code", "implicit"], grant)
    }

    fn authenticates(&self, method: &str) -> bool {
        self.has("token_endpoint_auth_methods_supported", &["client_secret_basic"], method)
    }

    fn by_secret(&self) -> &'static str {
        if self.authenticates("client_secret_basic") || !self.authenticates("client_secret_post") {
            "client_secret_basic"
        } else {
            "client_secret_post"
        }
    }

    /// Those of the wanted scopes that the server knows, and up to two of its own.
    fn scope(&self, wanted: &[&str]) -> Option<String> {
        let known = self.list("scopes_supported")?;
        // RFC 6749 section 3.3: anything else cannot be in a list that is separated by spaces.
        let sound =
            |scope: &&str| !scope.is_empty() && scope.bytes().all(|c| matches!(c, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        let wanted = wanted.iter().copied().filter(|scope| known.contains(scope));
        let own = known.iter().copied().filter(|scope| !ABOUT_PEOPLE.contains(scope)).filter(sound).take(2);
        let scope: Vec<&str> = wanted.chain(own).collect();
        (!scope.is_empty()).then(|| scope.join(" "))
    }
}

/// The clients that make sense with what the server says it supports.
///
/// # Errors
/// In a sentence, if no key can be made.
pub fn wishes(metadata: &Value) -> Result<Vec<Wish>, String> {
    let offer = Offer(metadata);
    let mut wishes = Vec::new();
    if offer.grants("authorization_code") {
        wishes.extend(with_people(&offer)?);
    }
    wishes.extend(without_browser(&offer)?);
    Ok(wishes)
}

fn with_people(offer: &Offer<'_>) -> Result<Vec<Wish>, String> {
    let scope = offer.scope(&["openid", "offline_access", "profile"]);
    let web = |name: &str, method: &str, place: &str| {
        let mut metadata = json!({
            "client_name": format!("Probe: {name}"), "application_type": "web", "grant_types": code_grants(offer),
            "response_types": ["code"], "token_endpoint_auth_method": method,
            "redirect_uris": [format!("https://{place}.client.example/callback")],
        });
        add_scope(&mut metadata, &scope);
        metadata
    };
    let mut wishes = vec![
        wish("web", "a confidential client: most cases are about it", web("web client", offer.by_secret(), "web")),
        wish(
            "other",
            "a second one, that codes and tokens of the first must not serve",
            web("other web client", offer.by_secret(), "other"),
        ),
    ];
    let mut native = web("native app", "none", "native");
    native["application_type"] = json!("native");
    native["redirect_uris"] = json!(["http://127.0.0.1/callback"]);
    wishes.push(wish("native", "a public client on a device, with PKCE and a loopback redirect URI", native));
    if offer.authenticates("private_key_jwt") {
        let (key, jwks) = key()?;
        let mut metadata = web("client with a key", "private_key_jwt", "key");
        metadata["jwks"] = jwks;
        wishes.push(Wish {
            key: Some(key),
            ..wish("key", "a client that signs its assertions with the key below", metadata)
        });
    }
    let types = offer.list("response_types_supported").unwrap_or_default();
    let front: Vec<&str> =
        types.into_iter().filter(|kind| kind.split(' ').any(|word| word == "token" || word == "id_token")).collect();
    if !front.is_empty() {
        let mut metadata = web("browser client", offer.by_secret(), "implicit");
        metadata["grant_types"] = json!(["implicit", "authorization_code"]);
        metadata["response_types"] = json!(front.iter().chain(&["code"]).collect::<Vec<_>>());
        wishes.push(wish(
            "implicit",
            "a client that gets tokens in the front channel, as the server still offers that",
            metadata,
        ));
    }
    Ok(wishes)
}

fn without_browser(offer: &Offer<'_>) -> Result<Vec<Wish>, String> {
    let bare = |name: &str, method: &str, grants: &[&str], scope: &Option<String>| {
        let mut metadata = json!({
            "client_name": format!("Probe: {name}"), "grant_types": grants, "response_types": [], "redirect_uris": [],
            "token_endpoint_auth_method": method,
        });
        add_scope(&mut metadata, scope);
        metadata
    };
    let (secret, own) = (offer.by_secret(), offer.scope(&[]));
    let mut wishes = Vec::new();
    if offer.grants("client_credentials") {
        let metadata = bare("machine", secret, &["client_credentials"], &own);
        wishes.push(wish("machine", "a client on its own account, without any person", metadata));
    }
    if offer.0["introspection_endpoint"].is_string() {
        wishes.push(wish("api", "an API that asks what tokens are worth", bare("API", secret, &[], &None)));
    }
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    if offer.grants(DEVICE) {
        let metadata = bare("device", "none", &[DEVICE, "refresh_token"], &offer.scope(&["openid"]));
        wishes.push(wish("device", "a device without a browser", metadata));
    }
    if offer.grants("password") {
        let metadata = bare("password client", secret, &["password"], &own);
        wishes.push(wish(
            "password",
            "a client that takes people's passwords, as the server still offers that",
            metadata,
        ));
    }
    Ok(wishes)
}

fn wish(role: &'static str, why: &'static str, metadata: Value) -> Wish {
    Wish { role, why, metadata, key: None }
}

fn code_grants(offer: &Offer<'_>) -> Value {
    if offer.grants("refresh_token") {
        json!(["authorization_code", "refresh_token"])
    } else {
        json!(["authorization_code"])
    }
}

fn add_scope(metadata: &mut Value, scope: &Option<String>) {
    if let Some(scope) = scope {
        metadata["scope"] = json!(scope);
    }
}

fn key() -> Result<(String, Value), String> {
    let failed = |error| format!("no key can be made: {error}");
    let key = SigningKey::generate(KeyKind::P256).map_err(failed)?;
    Ok((key.private_jwk().map_err(failed)?.to_string(), key.jwks()))
}

/// Registers one client. The server may answer with other metadata than were asked for: its answer counts.
pub async fn register(http: &Http, url: &Url, token: Option<&str>, wish: &Wish) -> Made {
    let mut request =
        Request::get("client registration", url.clone()).post("application/json", wish.metadata.to_string());
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let answer = match http.send(&request).await {
        Ok(answer) => answer,
        Err(fault) => return Made::Not(fault.to_string()),
    };
    let made = answer.json();
    let Some(client_id) = made["client_id"].as_str().filter(|id| !id.is_empty() && matches!(answer.status, 200 | 201))
    else {
        let said = |name: &str| made[name].as_str().unwrap_or_default().chars().take(200).collect::<String>();
        let why = format!("status {} {} {}", answer.status, said("error"), said("error_description"));
        return Made::Not(format!("the server refuses to register it: {}", why.trim()));
    };
    let text = |name: &str| made[name].as_str().map(str::to_owned);
    let asked = |name: &str| wish.metadata[name].as_str().map(str::to_owned);
    let client = Client {
        client_id: client_id.to_owned(),
        client_secret: text("client_secret"),
        key: wish.key.clone(),
        token_endpoint_auth_method: text("token_endpoint_auth_method").or_else(|| asked("token_endpoint_auth_method")),
        redirect_uri: wish.metadata["redirect_uris"][0].as_str().map(str::to_owned),
        scope: text("scope").or_else(|| asked("scope")),
        ..Client::default()
    };
    Made::Registered { client, removal: text("registration_client_uri").zip(text("registration_access_token")) }
}
