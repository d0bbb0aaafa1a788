//! What a weakness may use where rewriting is not enough: the honest server itself, its ledger and keys, the clients'
//! secrets. What people do, they do in [`person`](super::person).

use axum::Router;
use axum::body::to_bytes;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::{HeaderMap, StatusCode, header};
use jose::{
    AccessToken, Algorithm, Audience, ClientAssertion, Expectation, ExpectedAudience, JwkSet, Secret, SigningKey,
    UnixTime,
};
use protocol::grants::{Peeked, Source};
use protocol::handle::{HandleKind, Id, PresentedHandle};
use protocol::record::{PeekedCode, PeekedRefresh, SessionRecord};
use protocol::token::Signer;
use serde_json::Value;
use server::app::Shared;
use tower::ServiceExt;

use super::exchange::{Answer, Ask, Form, Site};

/// Bytes of an answer of ours, at most.
const MOST: usize = 4 * 1024 * 1024;

/// A client that the straw was given, with everything that proves it.
pub struct Client {
    /// Its role in the target file.
    pub role: &'static str,
    /// Its metadata as registered.
    pub metadata: Value,
    /// Its secret, if it has one.
    pub secret: Option<Secret<String>>,
    /// Its key, if it has one.
    pub key: Option<SigningKey>,
}

impl Client {
    /// Its identifier.
    pub fn id(&self) -> &str {
        self.metadata["client_id"].as_str().unwrap_or_default()
    }

    /// Its registered redirect URIs.
    pub fn redirect_uris(&self) -> impl Iterator<Item = &str> {
        self.metadata["redirect_uris"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// How it authenticates.
    pub fn method(&self) -> &str {
        self.metadata["token_endpoint_auth_method"].as_str().unwrap_or("client_secret_basic")
    }
}

/// An account that the straw was given.
pub struct Person {
    /// Its role in the target file; empty for the one inside.
    pub role: &'static str,
    /// What is typed.
    pub username: String,
    /// And the password.
    pub password: Secret<String>,
    /// `sub`.
    pub subject: String,
}

/// A running straw, from behind.
pub struct Straw {
    /// The issuer, and origin of the server.
    pub issuer: String,
    /// The JWT API's origin and resource identifier.
    pub mail: String,
    /// The opaque-token API's origin and resource identifier.
    pub calendar: String,
    /// The honest server's inside: ledger, keys, clock, configuration.
    pub app: Shared,
    /// Everybody it knows.
    pub clients: Vec<Client>,
    /// And everyone.
    pub people: Vec<Person>,
    pub(super) server: Router,
    pub(super) apis: [Router; 2],
}

impl Straw {
    /// What the honest server answers, without any weakness.
    pub async fn honest(&self, ask: Ask) -> Answer {
        let router = match ask.site {
            Site::Server => &self.server,
            Site::Mail => &self.apis[0],
            Site::Calendar => &self.apis[1],
        };
        let fault = |status| Answer { status, headers: HeaderMap::new(), body: bytes::Bytes::new() };
        let Some(request) = ask.into_request() else { return fault(StatusCode::BAD_REQUEST) };
        let Ok(response) = router.clone().oneshot(request).await;
        let (head, body) = response.into_parts();
        match to_bytes(body, MOST).await {
            Ok(body) => Answer { status: head.status, headers: head.headers, body },
            Err(_) => fault(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Now.
    pub fn now(&self) -> UnixTime {
        self.app.clock.now()
    }

    /// The server's public keys.
    pub fn keys(&self) -> JwkSet {
        self.app.keys.load().public().clone()
    }

    /// The client with that identifier.
    pub fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id() == client_id)
    }

    /// The client of that role.
    pub fn role(&self, role: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.role == role)
    }

    /// A random text of 43 characters that every parameter can hold.
    pub fn random(&self) -> String {
        // Without randomness nothing can be answered; the edge turns the panic into a 500.
        let bytes: [u8; 32] = self.app.entropy.bytes().expect("the system's random source works");
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The id of the client that a request names, by whatever means; proves nothing.
    pub fn claimed_client(&self, ask: &Ask) -> Option<&Client> {
        let form = ask.parameters();
        if form.has("client_id") {
            return self.client(form.get("client_id"));
        }
        if let Some(id) = basic(ask).map(|(id, _)| id) {
            return self.client(&id);
        }
        let payload = form.get("client_assertion").split('.').nth(1).map(str::to_owned)?;
        let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?).ok()?;
        self.client(claims["sub"].as_str()?)
    }

    /// Makes a request to a back-channel endpoint prove that client, as it is registered, in place of what it proved.
    pub fn authenticate(&self, ask: &mut Ask, client: &Client) {
        let mut form = ask.form();
        for name in ["client_id", "client_secret", "client_assertion", "client_assertion_type"] {
            form.remove(name);
        }
        ask.headers.remove(header::AUTHORIZATION);
        match (client.method(), &client.secret, &client.key) {
            ("client_secret_basic", Some(secret), _) => {
                let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encode(client.id()), encode(secret.expose()));
                ask.set_header(header::AUTHORIZATION, &format!("Basic {}", BASE64.encode(pair.as_bytes())));
            }
            ("client_secret_post", Some(secret), _) => {
                form.push("client_id", client.id());
                form.push("client_secret", secret.expose());
            }
            ("private_key_jwt", _, Some(key)) => {
                form.push("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                form.push("client_assertion", &self.assertion(client.id(), key));
            }
            _ => form.push("client_id", client.id()),
        }
        ask.set_form(&form);
    }

    fn assertion(&self, client_id: &str, key: &SigningKey) -> String {
        let now = self.now();
        let claims = ClientAssertion {
            iss: client_id.to_owned(),
            sub: client_id.to_owned(),
            aud: Audience::one(&self.issuer),
            exp: UnixTime(now.0 + 60),
            iat: Some(now),
            nbf: None,
            jti: self.random(),
        };
        // A key that cannot sign gives an assertion that the server refuses.
        key.sign(&claims).unwrap_or_default()
    }

    /// The authorization request that a request of the front channel is about: its own parameters, or those of the one
    /// that waits for the person at the sign-in or consent page.
    pub async fn waiting(&self, ask: &Ask) -> Option<Form> {
        match (ask.site, ask.path.as_str()) {
            (Site::Server, "/authorize") => Some(ask.parameters()),
            (Site::Server, "/sign-in" | "/consent") => {
                let id = Id::parse(ask.parameters().get("request"))?;
                let parked = self.app.ledger.parked(id).await.ok()??;
                Some(Form::parse(parked.parameters.as_bytes()))
            }
            _ => None,
        }
    }

    /// A code as the ledger has it, used or not. Nothing for a code that was never issued.
    pub async fn code(&self, code: &str) -> Option<PeekedCode> {
        let handle = PresentedHandle::parse(HandleKind::Code, code)?;
        match self.app.ledger.peek(Source::Code(handle)).await.ok()? {
            Peeked::Code(Some(peeked)) => Some(*peeked).filter(|peeked| peeked.code.hash.matches(handle.hash())),
            _ => None,
        }
    }

    /// The session of the browser that sent a request, if somebody is signed in there.
    pub async fn signed_in(&self, ask: &Ask) -> Option<SessionRecord> {
        let cookie = PresentedHandle::parse(HandleKind::Session, ask.cookie("__Host-session")?)?;
        self.app.ledger.session(&cookie, self.now()).await.ok()?
    }

    /// A refresh token as the ledger has it.
    pub async fn refresh_token(&self, token: &str) -> Option<PeekedRefresh> {
        let handle = PresentedHandle::parse(HandleKind::RefreshToken, token)?;
        let peeked = self.app.ledger.peek_refresh(&handle).await.ok()??;
        peeked.token.hash.matches(handle.hash()).then_some(peeked)
    }
}

impl Straw {
    /// Changes the access token of a token response, if it is a JWT of ours, and signs it anew. The ledger goes on to know
    /// it by its `jti`.
    pub fn reissue(&self, answer: &mut Answer, change: impl FnOnce(&mut AccessToken)) {
        let mut value = answer.value();
        let Some(token) = value["access_token"].as_str() else { return };
        let audiences = [self.mail.as_str(), self.calendar.as_str(), self.issuer.as_str()];
        let expect =
            Expectation::new(&self.issuer, ExpectedAudience::Contains(&audiences), &Algorithm::ALL, self.now());
        let Ok(verified) = jose::verify::<AccessToken>(token, &self.keys(), &expect) else { return };
        let mut claims = verified.into_claims();
        change(&mut claims);
        let keys = self.app.keys.load();
        let signed = keys.key(self.app.policy.signing_alg).and_then(|key| key.sign(&claims).ok());
        if let Some(signed) = signed {
            value["access_token"] = Value::from(signed);
            answer.set_value(&value);
        }
    }
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
pub fn challenge_of(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()))
}

/// Identifier and secret of an `Authorization: Basic` header, decoded (RFC 6749 section 2.3.1).
pub fn basic(ask: &Ask) -> Option<(String, String)> {
    let value = ask.header(header::AUTHORIZATION)?;
    let (scheme, encoded) = value.split_once(' ')?;
    let pair = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decode = |text: &str| Form::parse(format!("x={text}").as_bytes()).get("x").to_owned();
    scheme.eq_ignore_ascii_case("basic").then(|| (decode(id), decode(secret)))
}
