//! Each refusal of the client's walk. A function's name begins with the threat it defends against.

use std::sync::Arc;

use jose::{Algorithm, Audience, IdToken, JwkSet, Seconds, Secret, SigningKey, UnixTime};
use serde_json::json;

mod request;
mod response;
mod setup;
mod tokens;

use super::*;

const NOW: UnixTime = UnixTime(1_800_000_000);
const ISSUER: &str = "https://login.example";
const REDIRECT: &str = "https://app.example/callback";
const MOMENT: Moment = Moment { now: NOW, random: [7; 16] };

fn document(issuer: &str) -> serde_json::Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn parse(document: &serde_json::Value, issuer: &str) -> Result<ServerMetadata, MetadataError> {
    ServerMetadata::parse(document.to_string().as_bytes(), issuer)
}

fn server() -> Arc<ServerMetadata> {
    Arc::new(parse(&document(ISSUER), ISSUER).unwrap())
}

fn web() -> Arc<ClientIdentity> {
    let secret = Secret::new("sec:ret".to_owned());
    Arc::new(ClientIdentity::web("app 1", ClientAuthentication::SecretBasic(secret)))
}

fn random() -> StartRandom {
    let mut bytes = [0; 96];
    for (index, byte) in (0u8..).zip(bytes.iter_mut()) {
        *byte = index;
    }
    StartRandom(bytes)
}

fn start() -> AuthorizationStart {
    AuthorizationStart::new(server(), web(), REDIRECT).scope("openid mail:read").resource("https://mail.example")
}

fn begin() -> (PendingAuthorization, String, String) {
    let (url, pending) = start().begin(&random(), NOW).unwrap();
    let parameter = |name: &str| {
        let query = url.split_once('?').unwrap().1;
        form::parse(query).unwrap().into_iter().find(|(known, _)| known == name).unwrap().1
    };
    (pending, parameter("state"), parameter("nonce"))
}

fn good_callback(state: &str) -> String {
    format!("code=abc&state={state}&iss={}", form::encode(ISSUER))
}

fn accept(query: impl FnOnce(&str) -> String) -> Result<CodeExchange, CallbackError> {
    let (pending, state, _) = begin();
    pending.accept(&query(&state), NOW)
}

fn exchange() -> (FormRequest, ExpectedTokens, String) {
    let (pending, state, nonce) = begin();
    let (request, expected) = pending.accept(&good_callback(&state), NOW).unwrap().token_request(MOMENT).unwrap();
    (request, expected, nonce)
}

struct Provider {
    key: SigningKey,
    keys: JwkSet,
}

impl Provider {
    fn new() -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let keys = JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
        Self { key, keys }
    }

    fn id_token(nonce: &str) -> IdToken {
        IdToken {
            iss: ISSUER.to_owned(),
            sub: "user-1".to_owned(),
            aud: Audience::one("app 1"),
            azp: None,
            exp: NOW + Seconds(300),
            iat: NOW,
            nbf: None,
            jti: None,
            auth_time: None,
            nonce: Some(nonce.to_owned()),
            acr: None,
            amr: Vec::new(),
            at_hash: Some(jose::at_hash(Algorithm::Es256, "at")),
            c_hash: None,
            sid: None,
            extra: serde_json::Map::new(),
        }
    }

    fn answer(&self, claims: &IdToken) -> Vec<u8> {
        let id_token = self.key.sign(claims).unwrap();
        let body = json!({
            "access_token": "at", "token_type": "bearer", "expires_in": 300, "refresh_token": "rt",
            "scope": "openid", "id_token": id_token,
        });
        body.to_string().into_bytes()
    }

    fn verify(&self, change: impl FnOnce(&mut IdToken)) -> Result<TokenSet, IdTokenError> {
        let (_, expected, nonce) = exchange();
        let mut claims = Self::id_token(&nonce);
        change(&mut claims);
        expected.parse(200, &self.answer(&claims)).unwrap().verify(&self.keys, NOW)
    }
}
