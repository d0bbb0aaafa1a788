//! Whole stories in one thread: a server over the store's ledger, an API, clients, browsers, a clock that stands still until
//! told, and randomness from a seed. No sockets and no sleeps. The attacker is whoever calls these functions with what he
//! has seen.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use jose::{Algorithm, JwkSet, Seconds, Secret, SigningKey, UnixTime};
use protocol::authorize::{
    AuthenticatedUser, CheckedAuthorizationRequest, Consent, HintKeys, NextStep, UnverifiedAuthorizationRequest,
    denial, refusal, success,
};
use protocol::client_auth::{AuthenticatedClient, CheckedClient, PresentedClient};
use protocol::grants::Deciding;
use protocol::handle::{Draw, HandleKind, Id, NewHandle, SecretHash};
use protocol::inspect::{LiveToken, PresentedToken, revoke_access, revoke_refresh};
use protocol::oidc::{ACR_PASSWORD, AMR_PASSWORD};
use protocol::policy::{Lifetimes, Policy, ResourceServer, ScopeDescription, TokenFormat};
use protocol::record::{Authentication, OwnerStatus, ParkedRecord, SessionRecord, UserRecord};
use protocol::registration::{ClientAuthMethod, RegisteredClient};
use protocol::relying::{AuthorizationStart, ClientAuthentication, ClientIdentity, FormRequest, Moment};
use protocol::relying::{PendingAuthorization, ServerMetadata, StartRandom};
use protocol::resource::{Access, BearerToken, Refusal as ApiRefusal, TokenRule};
use protocol::rules::{Refusal, Rule};
use protocol::token::{Signer, TokenRequest, TokenResponse};
use protocol::wire::parameters::Parameters;
use protocol::wire::response::BrowserAnswer;
use serde_json::{Value, json};
use store::{Caps, Ledger};

/// The server's issuer.
pub const ISSUER: &str = "https://as.example";
/// The API's identifier.
pub const API: &str = "https://mail.example";

/// Ids that rise and secrets that differ, the same for the same seed.
struct Numbers {
    seed: u64,
    drawn: u64,
}

impl Draw for Numbers {
    fn id(&mut self) -> Id {
        self.drawn += 1;
        Id(self.drawn)
    }

    fn secret(&mut self) -> [u8; 32] {
        self.drawn += 1;
        jose::sha256(format!("{} {}", self.seed, self.drawn).as_bytes())
    }
}

/// The server's key.
struct Key(SigningKey);

impl Signer for Key {
    fn key(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        (algorithm == self.0.algorithm()).then_some(&self.0)
    }
}

/// The world at one moment.
pub struct Stage {
    /// What time it is.
    pub now: UnixTime,
    numbers: Numbers,
    policy: Policy,
    key: Key,
    keys: JwkSet,
    ledger: Ledger,
}

/// Somebody's browser: its cookies at the server and where it has been.
pub struct Browser {
    cookie: SecretHash,
    session: Option<SessionRecord>,
    /// Every address it was sent to, newest last: what a shared device or a log would tell.
    pub history: Vec<String>,
}

/// What a browser shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The client's callback, with this query.
    Callback(String),
    /// The consent page of a waiting request.
    Consent(Id),
    /// The server's own error page.
    Error(Rule),
    /// The sign-in page of a waiting request.
    SignIn(Id),
}

/// A client: its registration here, and its careful half from the client kit.
pub struct App {
    identity: Arc<ClientIdentity>,
    callback: String,
}

/// Lets a future of the memory store answer: it never waits.
fn answer<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store answers at once"),
    }
}

impl Stage {
    /// A server with one API and one person, Ada.
    pub fn new(seed: u64) -> Stage {
        let key = SigningKey::generate(Algorithm::Es256).expect("the library makes keys");
        let scope = |value: &str| ScopeDescription { value: value.to_owned(), words: Vec::new(), sensitive: false };
        let policy = Policy {
            issuer: ISSUER.to_owned(),
            lifetimes: Lifetimes::default(),
            signing_alg: Algorithm::Es256,
            resources: vec![ResourceServer {
                identifier: API.to_owned(),
                name: "Mail".to_owned(),
                token_format: TokenFormat::Jwt,
                signing_alg: Algorithm::Es256,
                access_token_lifetime: None,
                scopes: vec![scope("mail:read"), scope("mail:send")],
            }],
        };
        let keys = JwkSet::from_keys([key.public_jwk().clone()]).expect("one key");
        let ledger = Ledger::memory();
        let now = UnixTime(1_900_000_000);
        for name in ["ada", "mallory"] {
            let user = UserRecord {
                subject: format!("u_{name}"),
                username: name.to_owned(),
                password: String::new(),
                status: OwnerStatus::Active,
                claims: json!({ "name": name }).to_string(),
                created: now,
            };
            answer(ledger.put_user(user)).expect("a new person");
        }
        Stage { now, numbers: Numbers { seed, drawn: 0 }, policy, key: Key(key), keys, ledger }
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: u32) {
        self.now = self.now + Seconds(seconds);
    }

    /// A browser that was never here.
    pub fn browser(&mut self) -> Browser {
        Browser { cookie: SecretHash(self.numbers.secret()), session: None, history: Vec::new() }
    }

    /// Registers a client and gives its operator the client kit's half of it. `metadata` is that of RFC 7591.
    pub fn register(&mut self, metadata: Value) -> App {
        let read = serde_json::from_value(metadata).expect("client metadata");
        let mut client = RegisteredClient::register(read, "made-up", &self.policy, self.now).expect("registrable");
        let id = client.id().to_owned();
        let callback = client.metadata().redirect_uris.first().cloned().unwrap_or_default();
        let identity = match client.auth_method() {
            ClientAuthMethod::None => ClientIdentity::native(id),
            _ => {
                let secret = NewHandle::mint(HandleKind::ClientSecret, self.numbers.id(), &self.numbers.secret());
                client.add_secret(secret.id(), secret.hash(), self.now, self.now);
                ClientIdentity::web(id, ClientAuthentication::SecretBasic(secret.into_value()))
            }
        };
        answer(self.ledger.put_client(client)).expect("a new client");
        App { identity: Arc::new(identity), callback }
    }

    /// What the server says of itself, as a client that asked for it believes it.
    pub fn metadata(&self) -> Arc<ServerMetadata> {
        let document = protocol::wire::metadata::document(&self.policy, &[Algorithm::Es256]);
        Arc::new(ServerMetadata::parse(document.to_string().as_bytes(), ISSUER).expect("our own document"))
    }

    /// The server's public keys.
    pub fn keys(&self) -> &JwkSet {
        &self.keys
    }

    /// A client begins a flow at `server`: the address for the browser, and what the client keeps for that browser.
    pub fn start(&mut self, app: &App, server: Arc<ServerMetadata>, scope: &str) -> (String, PendingAuthorization) {
        let mut random = [0; 96];
        random.chunks_exact_mut(32).for_each(|part| part.copy_from_slice(&self.numbers.secret()));
        AuthorizationStart::new(server, app.identity.clone(), app.callback.clone())
            .scope(scope)
            .resource(API)
            .begin(&StartRandom(random), self.now)
            .expect("an honest start")
    }

    /// Time and randomness for one request of a client.
    pub fn moment(&mut self) -> Moment {
        let mut random = [0; 16];
        random.copy_from_slice(&self.numbers.secret()[..16]);
        Moment { now: self.now, random }
    }

    // ---- the front channel

    fn checked(&self, parameters: &str) -> Result<CheckedAuthorizationRequest, Screen> {
        let page = |refusal: Refusal| Screen::Error(refusal.rule());
        let unverified = UnverifiedAuthorizationRequest::parse(parameters.as_bytes()).map_err(|stop| page(stop.0))?;
        let client = answer(self.ledger.client(unverified.client_id())).expect("memory");
        let bound = unverified.bind(client).map_err(|stop| page(stop.0))?;
        bound.check(&self.policy, &HintKeys { keys: &self.keys, now: self.now }).map_err(|rejection| {
            match rejection.trust_by_vouching() {
                Ok(trusted) => leave(refusal(trusted, &self.policy)),
                Err(kept) => page(kept.refusal().clone()),
            }
        })
    }

    /// The browser follows a link. Links to elsewhere are remembered and lead nowhere.
    pub fn open(&mut self, browser: &mut Browser, url: &str) -> Screen {
        browser.history.push(url.to_owned());
        let Some(parameters) = url.strip_prefix("https://as.example/authorize?") else {
            return Screen::Callback(url.split_once('?').map_or("", |(_, query)| query).to_owned());
        };
        let request = match self.checked(parameters) {
            Ok(request) => request,
            Err(screen) => return self.show(browser, screen),
        };
        let step = self.next_step(&request, browser, None);
        if let NextStep::Approve | NextStep::Refuse(_) = step {
            return self.go_on(browser, request, step, None);
        }
        let record = ParkedRecord {
            id: self.numbers.id(),
            browser: browser.cookie,
            parameters: parameters.to_owned(),
            created: self.now,
            expires: self.now + self.policy.lifetimes.parked,
        };
        let id = record.id;
        answer(self.ledger.park(record, Caps { total: 100, per_browser: 10 })).expect("room to wait");
        if step == NextStep::SignIn { Screen::SignIn(id) } else { Screen::Consent(id) }
    }

    fn next_step(
        &self,
        request: &CheckedAuthorizationRequest,
        browser: &Browser,
        parked: Option<&ParkedRecord>,
    ) -> NextStep {
        let session = browser.session.as_ref();
        let remembered = session.and_then(|session| {
            answer(self.ledger.consent(&session.subject, request.client().id(), self.now)).expect("memory")
        });
        request.next_step(session, remembered.as_ref(), parked, self.now)
    }

    fn take_up(&self, browser: &Browser, id: Id) -> Result<(CheckedAuthorizationRequest, ParkedRecord), Screen> {
        let parked = answer(self.ledger.parked(id)).expect("memory").filter(|parked| parked.expires > self.now);
        let parked = parked.ok_or(Screen::Error(Rule::RequestGone))?;
        if !parked.browser.matches(&browser.cookie) {
            return Err(Screen::Error(Rule::OtherBrowser));
        }
        Ok((self.checked(&parked.parameters)?, parked))
    }

    fn go_on(
        &mut self,
        browser: &mut Browser,
        request: CheckedAuthorizationRequest,
        step: NextStep,
        parked: Option<Id>,
    ) -> Screen {
        let screen = match step {
            NextStep::SignIn => parked.map_or(Screen::Error(Rule::LoginRequired), Screen::SignIn),
            NextStep::Consent(_) => parked.map_or(Screen::Error(Rule::ConsentRequired), Screen::Consent),
            NextStep::Refuse(rule) => match request.reject(rule.refuse()).trust_by_vouching() {
                Ok(trusted) => leave(refusal(trusted, &self.policy)),
                Err(_) => Screen::Error(rule),
            },
            NextStep::Approve => {
                let consent = Consent::remembered(step, &request).expect("it says approve");
                self.code(browser, request, consent, parked)
            }
        };
        self.show(browser, screen)
    }

    fn code(
        &mut self,
        browser: &Browser,
        request: CheckedAuthorizationRequest,
        consent: Consent,
        parked: Option<Id>,
    ) -> Screen {
        let Some(session) = &browser.session else { return Screen::Error(Rule::LoginRequired) };
        let approval = request.approve(AuthenticatedUser::assertion(session), consent);
        let plan = approval.mint(&self.policy, parked, &mut self.numbers, self.now);
        match answer(self.ledger.commit_code(plan)) {
            Ok(done) => leave(success(done)),
            Err(_) => Screen::Error(Rule::RequestGone),
        }
    }

    fn show(&self, browser: &mut Browser, screen: Screen) -> Screen {
        if let Screen::Callback(query) = &screen {
            browser.history.push(query.clone());
        }
        screen
    }

    /// Somebody signs in, at the page of a waiting request.
    pub fn sign_in(&mut self, browser: &mut Browser, id: Id, name: &str) -> Screen {
        let (request, parked) = match self.take_up(browser, id) {
            Ok(waiting) => waiting,
            Err(screen) => return screen,
        };
        let session = self.numbers.id();
        browser.session = Some(SessionRecord {
            id: session,
            hash: SecretHash(self.numbers.secret()),
            subject: format!("u_{name}"),
            username: name.to_owned(),
            authentication: Authentication {
                time: self.now,
                acr: ACR_PASSWORD.to_owned(),
                amr: vec![AMR_PASSWORD.to_owned()],
                session,
            },
            expires: self.now + Seconds(3600),
        });
        let step = self.next_step(&request, browser, Some(&parked));
        self.go_on(browser, request, step, Some(id))
    }

    /// The person presses "allow", with everything ticked.
    pub fn allow(&mut self, browser: &mut Browser, id: Id) -> Screen {
        let (request, parked) = match self.take_up(browser, id) {
            Ok(waiting) => waiting,
            Err(screen) => return screen,
        };
        if !matches!(self.next_step(&request, browser, Some(&parked)), NextStep::Consent(_)) {
            return Screen::SignIn(id);
        }
        let consent = Consent::given(request.scope().clone());
        let screen = self.code(browser, request, consent, Some(id));
        self.show(browser, screen)
    }

    /// The person presses "deny".
    pub fn deny(&mut self, browser: &mut Browser, id: Id) -> Screen {
        match self.take_up(browser, id) {
            Err(screen) => screen,
            Ok((request, parked)) => match answer(self.ledger.take_parked(id, &parked.browser)).expect("memory") {
                Some(_) => self.show(browser, leave(denial(request, &self.policy))),
                None => Screen::Error(Rule::RequestGone),
            },
        }
    }

    // ---- the back channel

    /// A client's request reaches the server: status and body of the answer.
    pub fn post(&mut self, request: &FormRequest) -> (u16, String) {
        let header = request.authorization().map(|value| value.expose().clone());
        self.post_raw(request.endpoint(), header.as_deref(), request.body().expose())
    }

    /// The same for whoever writes his requests by hand.
    pub fn post_raw(&mut self, endpoint: &str, authorization: Option<&str>, body: &str) -> (u16, String) {
        let answered = match endpoint.strip_prefix(ISSUER) {
            Some("/token") => self.token(authorization, body),
            Some("/revoke") => self.revoke(authorization, body).map(|()| String::new()),
            other => panic!("no endpoint of this server: {other:?}"),
        };
        match answered {
            Ok(body) => (200, body),
            Err(refusal) => {
                let code = refusal.code();
                let body = json!({ "error": code.as_str(), "error_description": refusal.wire_text().as_str() });
                (code.status(), body.to_string())
            }
        }
    }

    fn authenticate(&self, presented: PresentedClient) -> Result<AuthenticatedClient, Refusal> {
        let client = answer(self.ledger.client(presented.client_id())).expect("memory");
        match presented.check(client, &self.policy, self.now)? {
            CheckedClient::Authenticated(client) => Ok(client),
            CheckedClient::OnFirstUse(assertion) => answer(self.ledger.first_use(assertion))
                .expect("memory")
                .map(AuthenticatedClient::from_first_use)
                .ok_or_else(|| Rule::AssertionReplayed.refuse()),
        }
    }

    fn token(&mut self, authorization: Option<&str>, body: &str) -> Result<String, Refusal> {
        let request = TokenRequest::parse(authorization.map(str::as_bytes), body.as_bytes())?;
        let client = self.authenticate(request.client)?;
        let peeked = answer(self.ledger.peek(request.grant.source())).expect("memory");
        let deciding = Deciding { policy: &self.policy, draw: &mut self.numbers, now: self.now };
        let plan = match request.grant.decide(&client, peeked, deciding) {
            Ok(plan) => plan,
            Err(refused) => {
                answer(self.ledger.carry_out(refused.consequence, self.now)).expect("memory");
                return Err(refused.refusal);
            }
        };
        let if_lost = plan.if_lost();
        let done = answer(self.ledger.commit(plan)).map_err(|_| if_lost)?;
        let response = TokenResponse::sign(done, &self.key).expect("the key is there");
        Ok(serde_json::to_string(&response).expect("JSON"))
    }

    fn presented(&self, token: &str) -> Result<PresentedToken, Refusal> {
        PresentedToken::read(token, &self.keys, &self.policy, self.now)
    }

    fn revoke(&mut self, authorization: Option<&str>, body: &str) -> Result<(), Refusal> {
        let parameters = Parameters::parse(body.as_bytes())?;
        let client = self.authenticate(PresentedClient::parse(authorization.map(str::as_bytes), &parameters)?)?;
        let Ok(presented) = self.presented(parameters.require("token")?) else { return Ok(()) };
        let decided = match &presented {
            PresentedToken::Refresh(handle) => {
                revoke_refresh(&client, &presented, answer(self.ledger.peek_refresh(handle)).expect("memory"))
            }
            _ => revoke_access(&client, &presented, answer(self.ledger.peek_token(&presented)).expect("memory")),
        };
        answer(self.ledger.revoke(decided, self.now)).expect("memory");
        Ok(())
    }

    // ---- the API

    /// The API is called. It checks the token by itself, and asks the server whether the token still counts.
    pub fn call(&mut self, authorization: &Secret<String>) -> Result<Access, ApiRefusal> {
        let token = BearerToken::from_request([authorization.expose().as_bytes()], None)?;
        let rule = TokenRule::new(ISSUER, API).expect("an honest rule");
        let access = rule.check_jwt(&token, &self.keys, self.now)?;
        let live = self.presented(token.secret().expose()).and_then(|presented| {
            let peeked = answer(self.ledger.peek_token(&presented)).expect("memory");
            let issued_to = peeked.as_ref().map(|peeked| peeked.token.client_id.clone()).unwrap_or_default();
            let client = answer(self.ledger.client(&issued_to)).expect("memory");
            LiveToken::check(&presented, peeked, client.as_deref(), self.now)
        });
        let live = live.map_err(|_| ApiRefusal::Inactive)?;
        if let Some((grant, token)) = live.confirms() {
            answer(self.ledger.confirm(grant, token)).expect("memory");
        }
        Ok(access)
    }
}

/// Where an answer of the authorization endpoint takes the browser.
fn leave(answer: BrowserAnswer) -> Screen {
    match answer {
        BrowserAnswer::Redirect(location) => {
            let query = location.split_once('?').map_or("", |(_, query)| query);
            Screen::Callback(query.trim_end_matches('#').to_owned())
        }
        BrowserAnswer::FormPost { fields, .. } => {
            Screen::Callback(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
        }
    }
}
