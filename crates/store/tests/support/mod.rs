//! A small cast: one person, a public and a confidential client, two APIs, and a clock that stands still.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jose::{Algorithm, Audience, ClientAssertion, JwkSet, SigningKey};
use protocol::authorize::{AuthenticatedUser, CodePlan, Consent, HintKeys, UnverifiedAuthorizationRequest, success};
use protocol::client_auth::{AuthenticatedClient, CheckedClient, VerifiedAssertion};
use protocol::grants::Deciding;
use protocol::handle::{Draw, HandleKind, Id, NewHandle, PresentedHandle, SecretHash};
use protocol::inspect::PresentedToken;
use protocol::policy::{Lifetimes, Policy, ResourceServer, ScopeDescription, TokenFormat};
use protocol::proofs::Committed;
use protocol::record::{Authentication, EventRecord, OwnerStatus, ParkedRecord, SessionRecord, UserRecord};
use protocol::registration::{ClientMetadata, RegisteredClient};
use protocol::scope::ScopeSet;
use protocol::signal::Signal;
use protocol::token::{GrantRefusal, IssuePlan, Signer, TokenRequest, TokenResponse};
use protocol::wire::response::BrowserAnswer;
use protocol::{Seconds, UnixTime};
use store::{Caps, Ledger, SqliteOptions};

pub const NOW: UnixTime = UnixTime(1_900_000_000);
pub const SUBJECT: &str = "u_alice";
pub const VERIFIER: &str = "correct-horse-battery-staple-correct-horse-battery";
pub const REDIRECT: &str = "https://robot.example/callback";
pub const CAPS: Caps = Caps { total: 1000, per_browser: 10 };
pub const MAIL: &str = "https://mail.example";
pub const FILES: &str = "https://files.example";

/// Ids in order, secrets that are never the same twice and that a dump can be searched for.
#[derive(Clone)]
pub struct Counter(Arc<AtomicU64>);

impl Draw for Counter {
    fn id(&mut self) -> Id {
        Id(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn secret(&mut self) -> [u8; 32] {
        jose::sha256(format!("secret {}", self.0.fetch_add(1, Ordering::Relaxed)).as_bytes())
    }
}

pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

pub struct Stage {
    pub ledger: Ledger,
    pub policy: Policy,
    pub key: SigningKey,
    pub keys: JwkSet,
    pub draw: Counter,
}

impl Signer for Stage {
    fn key(&self, _: Algorithm) -> Option<&SigningKey> {
        Some(&self.key)
    }
}

fn resource(identifier: &str, scope: &str, token_format: TokenFormat) -> ResourceServer {
    ResourceServer {
        identifier: identifier.to_owned(),
        name: identifier.to_owned(),
        token_format,
        signing_alg: Algorithm::Es256,
        access_token_lifetime: None,
        scopes: vec![ScopeDescription {
            value: scope.to_owned(),
            words: vec![("en".to_owned(), scope.to_owned())],
            sensitive: false,
        }],
    }
}

impl Stage {
    /// A stage on a store that may have been used before: `first_id` is above every id of it.
    pub async fn new(ledger: Ledger, first_id: u64) -> Stage {
        let policy = Policy {
            issuer: "https://as.example".to_owned(),
            lifetimes: Lifetimes::default(),
            signing_alg: jose::Algorithm::Es256,
            resources: vec![
                resource(MAIL, "mail:read", TokenFormat::Opaque),
                resource(FILES, "files:read", TokenFormat::Jwt),
            ],
        };
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let keys = JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
        let stage = Stage { ledger, policy, key, keys, draw: Counter(Arc::new(AtomicU64::new(first_id))) };
        stage.ledger.put_user(alice()).await.unwrap();
        for (id, policy) in [("robot", "rotate"), ("reuser", "reuse")] {
            stage.ledger.put_client(stage.register(id, policy)).await.unwrap();
        }
        stage
    }

    /// Clients prove themselves by a key, so that no secret of theirs has to be kept here.
    pub fn register(&self, id: &str, refresh: &str) -> RegisteredClient {
        let metadata: ClientMetadata = serde_json::from_value(serde_json::json!({
            "client_id": id,
            "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": self.keys,
            "scope": "openid mail:read files:read",
            "refresh_token_policy": refresh,
        }))
        .unwrap();
        RegisteredClient::register(metadata, "", &self.policy, NOW).unwrap()
    }

    pub async fn client(&self, id: &str) -> Arc<RegisteredClient> {
        self.ledger.client(id).await.unwrap().expect("registered")
    }

    fn assertion_text(&self, client_id: &str, jti: &str) -> String {
        self.key
            .sign(&ClientAssertion {
                iss: client_id.to_owned(),
                sub: client_id.to_owned(),
                aud: Audience::one(&self.policy.issuer),
                exp: NOW + Seconds(60),
                iat: Some(NOW),
                nbf: None,
                jti: jti.to_owned(),
            })
            .unwrap()
    }

    /// An assertion that is right in all but that it may have been used.
    pub async fn assertion(&self, client_id: &str, jti: &str) -> VerifiedAssertion {
        let body = self.body(client_id, "refresh_token", &format!("refresh_token=x&{}", self.proof(client_id, jti)));
        let request = TokenRequest::parse(None, body.as_bytes()).unwrap();
        match request.client.check(Some(self.client(client_id).await), &self.policy, NOW).unwrap() {
            CheckedClient::OnFirstUse(assertion) => assertion,
            CheckedClient::Authenticated(_) => panic!("an assertion was sent"),
        }
    }

    fn proof(&self, client_id: &str, jti: &str) -> String {
        format!(
            "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={}",
            self.assertion_text(client_id, jti)
        )
    }

    fn body(&self, client_id: &str, grant: &str, rest: &str) -> String {
        format!("grant_type={grant}&client_id={client_id}&{rest}")
    }

    pub async fn authenticated(&self, client_id: &str) -> AuthenticatedClient {
        let jti = self.draw.clone().id().to_string();
        let assertion = self.assertion(client_id, &jti).await;
        AuthenticatedClient::from_first_use(self.ledger.first_use(assertion).await.unwrap().expect("a new jti"))
    }

    pub fn session(&self) -> (SessionRecord, PresentedHandle) {
        let mut draw = self.draw.clone();
        let (id, secret) = (draw.id(), draw.secret());
        let handle = NewHandle::mint(HandleKind::Session, id, &secret);
        let authentication = Authentication {
            time: NOW,
            acr: "urn:example:password".to_owned(),
            amr: vec!["pwd".to_owned()],
            session: handle.id(),
        };
        let record = SessionRecord {
            id: handle.id(),
            hash: handle.hash(),
            subject: SUBJECT.to_owned(),
            username: "alice".to_owned(),
            authentication,
            expires: NOW + Seconds(3600),
        };
        let cookie = PresentedHandle::parse(HandleKind::Session, handle.value().expose()).expect("just made");
        (record, cookie)
    }

    pub fn parked(&self, browser: SecretHash) -> ParkedRecord {
        ParkedRecord {
            id: self.draw.clone().id(),
            browser,
            parameters: "client_id=robot".to_owned(),
            created: NOW,
            expires: NOW + Seconds(900),
        }
    }

    pub fn code_plan(&self, client: Arc<RegisteredClient>, scope: &str, parked: Option<Id>) -> CodePlan {
        let challenge = data_encoding::BASE64URL_NOPAD.encode(&jose::sha256(VERIFIER.as_bytes()));
        let query = format!(
            "client_id={}&response_type=code&redirect_uri=https%3A%2F%2Frobot.example%2Fcallback&scope={}\
             &code_challenge={challenge}&code_challenge_method=S256&state=s",
            client.id(),
            scope.replace(' ', "+"),
        );
        let request = UnverifiedAuthorizationRequest::parse(query.as_bytes()).unwrap().bind(Some(client)).unwrap();
        let checked = request.check(&self.policy, &HintKeys { keys: &self.keys, now: NOW }).unwrap();
        let user = AuthenticatedUser::assertion(&self.session().0);
        let consent = Consent::given(ScopeSet::parse(scope).unwrap());
        checked.approve(user, consent).mint(&self.policy, parked, &mut self.draw.clone(), NOW)
    }

    pub async fn code(&self, client_id: &str, scope: &str) -> String {
        let plan = self.code_plan(self.client(client_id).await, scope, None);
        code_of(self.ledger.commit_code(plan).await.unwrap())
    }

    /// Peeks and decides, as the token endpoint does.
    pub async fn decide(
        &self,
        client: &AuthenticatedClient,
        grant: &str,
        rest: &str,
        now: UnixTime,
    ) -> Result<IssuePlan, GrantRefusal> {
        let body = self.body(client.client().id(), grant, rest);
        let request = TokenRequest::parse(None, body.as_bytes()).unwrap();
        let peeked = self.ledger.peek(request.grant.source()).await.unwrap();
        let deciding = Deciding { policy: &self.policy, draw: &mut self.draw.clone(), now };
        request.grant.decide(client, peeked, deciding)
    }

    pub async fn redemption(&self, client: &AuthenticatedClient, code: &str) -> Result<IssuePlan, GrantRefusal> {
        let rest = format!("code={code}&code_verifier={VERIFIER}&redirect_uri=https%3A%2F%2Frobot.example%2Fcallback");
        self.decide(client, "authorization_code", &rest, NOW).await
    }

    pub async fn rotation(&self, client: &AuthenticatedClient, refresh: &str) -> Result<IssuePlan, GrantRefusal> {
        self.decide(client, "refresh_token", &format!("refresh_token={refresh}"), NOW).await
    }

    pub fn tokens(&self, done: Committed<IssuePlan>) -> Tokens {
        let json = serde_json::to_value(TokenResponse::sign(done, self).unwrap()).unwrap();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Tokens { access: text("access_token"), refresh: text("refresh_token") }
    }

    /// From nothing to tokens.
    pub async fn connected(&self, client: &AuthenticatedClient, scope: &str) -> Tokens {
        let code = self.code(client.client().id(), scope).await;
        let plan = self.redemption(client, &code).await.unwrap();
        self.tokens(self.ledger.commit(plan).await.unwrap())
    }

    pub async fn rotated(&self, client: &AuthenticatedClient, refresh: &str) -> Tokens {
        let plan = self.rotation(client, refresh).await.unwrap();
        self.tokens(self.ledger.commit(plan).await.unwrap())
    }

    pub fn token(&self, text: &str) -> PresentedToken {
        PresentedToken::read(text, &self.keys, &self.policy, NOW).unwrap()
    }

    /// Whether an access token still counts.
    pub async fn counts(&self, client_id: &str, token: &str) -> bool {
        let presented = self.token(token);
        let peeked = self.ledger.peek_token(&presented).await.unwrap();
        let client = self.ledger.client(client_id).await.unwrap();
        protocol::inspect::LiveToken::check(&presented, peeked, client.as_deref(), NOW).is_ok()
    }
}

pub fn alice() -> UserRecord {
    UserRecord {
        subject: SUBJECT.to_owned(),
        username: "alice".to_owned(),
        password: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
        status: OwnerStatus::Active,
        claims: r#"{"name":"Alice O'Hara"}"#.to_owned(),
        created: NOW,
    }
}

pub fn code_of(done: Committed<CodePlan>) -> String {
    let BrowserAnswer::Redirect(location) = success(done) else { panic!("the query is the default") };
    let (_, query) = location.split_once('?').expect("a query");
    let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
    code.expect("a code").to_owned()
}

pub fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("store.sqlite")
}

pub fn open(path: &Path) -> Ledger {
    Ledger::open_sqlite(path, SqliteOptions::default()).unwrap()
}

pub fn event(id: u64) -> EventRecord {
    EventRecord {
        id: Id(id),
        at: NOW,
        signal: Signal::CodeReplayed,
        client_id: None,
        subject: None,
        grant: None,
        address: None,
        request_id: None,
        rule: None,
        detail: String::new(),
    }
}
