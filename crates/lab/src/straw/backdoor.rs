//! What a weakness may use where rewriting is not enough: the honest server itself, its ledger and keys, the clients'
//! secrets, and a person who is always signed in and always agrees.

use anyhow::{Context, Result, anyhow, bail};
use axum::Router;
use axum::body::to_bytes;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::{HeaderMap, Method, StatusCode, header};
use jose::{Audience, ClientAssertion, JwkSet, Secret, SigningKey, UnixTime};
use protocol::grants::{Peeked, Source};
use protocol::handle::{HandleKind, Id, NewHandle, PresentedHandle};
use protocol::oidc::{ACR_PASSWORD, AMR_PASSWORD};
use protocol::record::{Authentication, GrantRecord, PeekedCode, PeekedRefresh, SessionRecord};
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

/// What a flow inside the straw is for. Empty members are left to the server.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Which client.
    pub client_id: String,
    /// Whose rights; the person inside where empty.
    pub subject: String,
    /// Which scope.
    pub scope: String,
    /// At which resources.
    pub resources: Vec<String>,
    /// For the ID token.
    pub nonce: Option<String>,
}

impl Wanted {
    /// What a grant gave, to be given again.
    pub fn again(grant: &GrantRecord) -> Wanted {
        Wanted {
            client_id: grant.client_id.clone(),
            subject: grant.subject.clone(),
            scope: grant.scope.as_str().to_owned(),
            resources: grant.resources.clone(),
            nonce: None,
        }
    }

    /// The same, with a nonce.
    pub fn nonce(mut self, nonce: Option<&str>) -> Wanted {
        self.nonce = nonce.map(str::to_owned);
        self
    }
}

/// A code of a flow inside, and what its redemption needs.
#[derive(Clone, Debug)]
pub struct FreshCode {
    /// The code.
    pub code: String,
    /// Its PKCE verifier.
    pub verifier: String,
    /// The redirect URI of the request.
    pub redirect_uri: String,
    /// The client.
    pub client_id: String,
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

    /// A refresh token as the ledger has it.
    pub async fn refresh_token(&self, token: &str) -> Option<PeekedRefresh> {
        let handle = PresentedHandle::parse(HandleKind::RefreshToken, token)?;
        let peeked = self.app.ledger.peek_refresh(&handle).await.ok()??;
        peeked.token.hash.matches(handle.hash()).then_some(peeked)
    }

    /// The value of a session cookie for that person, signed in just now.
    pub async fn session(&self, subject: &str) -> Result<String> {
        let user = self.app.ledger.user_by_subject(subject).await?.context("no such person")?;
        let (millis, now) = (self.app.clock.now_millis(), self.now());
        let random: [u8; 32] = self.app.entropy.bytes()?;
        let handle = NewHandle::mint(HandleKind::Session, Id(self.app.entropy.next_id(millis)), &random);
        let session = SessionRecord {
            id: handle.id(),
            hash: handle.hash(),
            subject: user.subject,
            username: user.username,
            authentication: Authentication {
                time: now,
                acr: ACR_PASSWORD.to_owned(),
                amr: vec![AMR_PASSWORD.to_owned()],
                session: handle.id(),
            },
            expires: UnixTime(now.0 + 3600),
        };
        if !self.app.ledger.put_session(session, &user.password).await? {
            bail!("the session did not begin");
        }
        Ok(handle.into_value().expose().clone())
    }

    /// An honest flow up to the code: the person signs in and agrees to everything.
    pub async fn fresh_code(&self, wanted: &Wanted) -> Result<FreshCode> {
        let client = self.client(&wanted.client_id).context("no such client")?;
        let redirect_uri = client.redirect_uris().next().context("the client has no redirect URI")?.to_owned();
        let verifier = self.random();
        let mut request = Form::of([
            ("response_type", "code"),
            ("client_id", client.id()),
            ("redirect_uri", &redirect_uri),
            ("code_challenge", &challenge_of(&verifier)),
            ("code_challenge_method", "S256"),
            ("state", &self.random()),
        ]);
        if !wanted.scope.is_empty() {
            request.push("scope", &wanted.scope);
        }
        if let Some(nonce) = &wanted.nonce {
            request.push("nonce", nonce);
        }
        wanted.resources.iter().for_each(|resource| request.push("resource", resource));
        let code = self.agree(&request, &wanted.subject).await?;
        Ok(FreshCode { code, verifier, redirect_uri, client_id: wanted.client_id.clone() })
    }

    /// Takes an authorization request through the pages as that person, and gives the code.
    pub async fn agree(&self, request: &Form, subject: &str) -> Result<String> {
        let inside = self.people.iter().find(|person| person.role.is_empty()).context("nobody is inside")?;
        let subject = if subject.is_empty() { &inside.subject } else { subject };
        let mut cookies = format!("__Host-session={}", self.session(subject).await?);
        let mut ask = Ask::own(Site::Server, Method::GET, &format!("/authorize?{}", request.encode()));
        for _ in 0..4 {
            self.dress(&mut ask, &cookies);
            let answer = self.honest(ask).await;
            for cookie in answer.headers.get_all(header::SET_COOKIE) {
                let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
                cookies = format!("{cookies}; {pair}");
            }
            let location = answer.location().unwrap_or_default().to_owned();
            if let Some(page) = location.strip_prefix(&self.issuer).filter(|page| page.starts_with("/consent?")) {
                ask = Ask::own(Site::Server, Method::GET, page);
            } else if !location.is_empty() {
                let code = answer.location_query().get("code").to_owned();
                return if code.is_empty() { Err(anyhow!("refused: {location}")) } else { Ok(code) };
            } else {
                ask = allow(&answer.text());
            }
        }
        bail!("the pages do not end")
    }

    fn dress(&self, ask: &mut Ask, cookies: &str) {
        ask.set_header(header::COOKIE, cookies);
        ask.set_header(header::HOST, self.issuer.trim_start_matches("http://"));
    }

    /// Redeems a code of the inside at the honest token endpoint.
    pub async fn redeem(&self, code: &FreshCode) -> Result<Answer> {
        let client = self.client(&code.client_id).context("no such client")?;
        let mut ask = Ask::own(Site::Server, Method::POST, "/token");
        ask.set_form(&Form::of([
            ("grant_type", "authorization_code"),
            ("code", &code.code),
            ("redirect_uri", &code.redirect_uri),
            ("code_verifier", &code.verifier),
        ]));
        self.authenticate(&mut ask, client);
        Ok(self.honest(ask).await)
    }

    /// A whole honest flow inside: what the token endpoint answers to it. A failure is an answer, too: a 500 that says why,
    /// so that a weakness that does not work shows as one.
    pub async fn fresh_tokens(&self, wanted: &Wanted) -> Answer {
        let made = async { self.redeem(&self.fresh_code(wanted).await?).await };
        made.await.unwrap_or_else(|error| {
            let why = serde_json::json!({ "error": "server_error", "error_description": format!("straw: {error:#}") });
            Answer::json(StatusCode::INTERNAL_SERVER_ERROR, &why)
        })
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

/// The value of a hidden field, or of a box, in a page of the server.
fn values<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    html.split("<input").skip(1).filter_map(move |rest| {
        let tag = &rest[..rest.find('>')?];
        let attribute = |name: &str| {
            let (_, after) = tag.split_once(&format!(" {name}=\""))?;
            Some(&after[..after.find('"')?])
        };
        (attribute("name") == Some(name)).then(|| attribute("value")).flatten()
    })
}

/// The press of "allow" on a consent page, with everything ticked.
fn allow(html: &str) -> Ask {
    let mut form = Form::of([("decision", "allow")]);
    for name in ["request", "csrf"] {
        form.push(name, values(html, name).next().unwrap_or_default());
    }
    values(html, "scope").for_each(|scope| form.push("scope", scope));
    let mut ask = Ask::own(Site::Server, Method::POST, "/consent");
    ask.set_form(&form);
    ask
}
