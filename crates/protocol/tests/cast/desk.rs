//! The server's endpoints, as function calls.

use jose::UnixTime;
use protocol::authorize::{
    AuthenticatedUser, CheckedAuthorizationRequest, Consent, HintKeys, RedirectRejection,
    UnverifiedAuthorizationRequest, success,
};
use protocol::client_auth::{AuthenticatedClient, CheckedClient, PresentedClient};
use protocol::grants::Deciding;
use protocol::inspect::{LiveToken, PresentedToken, Revocation, revoke_access, revoke_refresh};
use protocol::policy::Policy;
use protocol::record::SessionRecord;
use protocol::registration::ClientAuthMethod;
use protocol::rules::{Refusal, Rule};
use protocol::scope::ScopeSet;
use protocol::token::{Consequence, IssuePlan, TokenRequest, TokenResponse};
use protocol::wire::parameters::Parameters;
use protocol::wire::response::BrowserAnswer;
use serde_json::Value;

use super::*;

/// Why an authorization request went no further.
#[derive(Debug)]
pub enum Stopped {
    /// A page: nothing may be sent anywhere.
    Page(Refusal),
    /// An answer to the client.
    Redirect(Box<RedirectRejection>),
}

impl Stopped {
    pub fn refusal(&self) -> &Refusal {
        match self {
            Stopped::Page(refusal) => refusal,
            Stopped::Redirect(rejection) => rejection.refusal(),
        }
    }
}

/// What the token endpoint answered.
#[derive(Debug)]
pub struct Tokens(pub Value);

impl Tokens {
    pub fn access(&self) -> &str {
        self.0["access_token"].as_str().expect("an access token")
    }

    pub fn refresh(&self) -> &str {
        self.0["refresh_token"].as_str().expect("a refresh token")
    }

    pub fn scope(&self) -> &str {
        self.0["scope"].as_str().expect("a scope")
    }

    /// The claims of the access token, after verifying it.
    pub fn access_claims(&self, resource: &str, now: UnixTime) -> jose::AccessToken {
        verified(self.access(), resource, now)
    }

    /// The claims of the ID token, after verifying it as the client `client_id`.
    pub fn id_claims(&self, client_id: &str, now: UnixTime) -> jose::IdToken {
        verified(self.0["id_token"].as_str().expect("an ID token"), client_id, now)
    }
}

fn verified<P: jose::Purpose>(token: &str, audience: &str, now: UnixTime) -> P {
    let audience = [audience];
    let expect =
        jose::Expectation::new(ISSUER, jose::ExpectedAudience::Contains(&audience), &jose::Algorithm::ALL, now);
    jose::verify::<P>(token, &public(&[server_key()]), &expect).expect("signed by the server").into_claims()
}

/// How the token endpoint refused.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub rule: Rule,
    pub parameter: &'static str,
    pub consequence: Consequence,
    pub wire: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        let wire = format!("{}: {}", refusal.code().as_str(), refusal.wire_text().as_str());
        Refused { rule: refusal.rule(), parameter: refusal.parameter(), consequence: Consequence::Nothing, wire }
    }
}

/// The whole server, at one moment.
pub struct Desk {
    pub policy: Policy,
    pub now: UnixTime,
    pub clients: Clients,
    pub ledger: Paper,
    pub draw: Counter,
    /// Ada's browser.
    pub session: SessionRecord,
    jti: u32,
}

impl Desk {
    pub fn open() -> Desk {
        let mut ledger = Paper::default();
        ledger.owners.insert(ADA.to_owned(), ada());
        let (policy, clients) = (policy(), Clients::all());
        Desk { policy, now: NOW, clients, ledger, draw: Counter(1_000), session: session(), jti: 0 }
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: u32) {
        self.now = self.now + jose::Seconds(seconds);
    }

    /// The honest authorization request of a client.
    pub fn request(&self, client: &str) -> Form {
        let redirect = &self.clients.by_id[client].metadata().redirect_uris[0];
        Form::of(&[
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", redirect),
            ("scope", "openid mail:read"),
            ("state", "honest-state"),
            ("nonce", "honest-nonce"),
            ("code_challenge", &challenge(VERIFIER)),
            ("code_challenge_method", "S256"),
        ])
    }

    /// The first three stops.
    pub fn check(&self, request: &Form) -> Result<CheckedAuthorizationRequest, Stopped> {
        self.check_bytes(&request.bytes())
    }

    pub fn check_bytes(&self, bytes: &[u8]) -> Result<CheckedAuthorizationRequest, Stopped> {
        let unverified = UnverifiedAuthorizationRequest::parse(bytes).map_err(|page| Stopped::Page(page.0))?;
        let client = self.clients.by_id.get(unverified.client_id()).cloned();
        let bound = unverified.bind(client).map_err(|page| Stopped::Page(page.0))?;
        let keys = public(&[server_key()]);
        bound
            .check(&self.policy, &HintKeys { keys: &keys, now: self.now })
            .map_err(|rejection| Stopped::Redirect(Box::new(rejection)))
    }

    /// The rule by which a request ends on a page. Panics if it gets further or may travel.
    pub fn page(&self, request: &Form) -> Rule {
        match self.check(request) {
            Err(Stopped::Page(refusal)) => refusal.rule(),
            other => panic!("not a page: {other:?}"),
        }
    }

    /// The rule by which a request is sent back to its client. Panics if it ends elsewhere.
    pub fn sent_back(&self, request: &Form) -> Rule {
        match self.check(request) {
            Err(Stopped::Redirect(rejection)) => rejection.refusal().rule(),
            other => panic!("not sent back: {other:?}"),
        }
    }

    /// Ada reads the request and allows all of it.
    pub fn allow(&mut self, request: &Form) -> BrowserAnswer {
        let scope = ScopeSet::parse(request.get("scope")).expect("scope");
        self.allow_only(request, scope)
    }

    /// Ada allows what is ticked.
    pub fn allow_only(&mut self, request: &Form, ticked: ScopeSet) -> BrowserAnswer {
        let checked = self.check(request).expect("an honest request");
        let user = AuthenticatedUser::assertion(&self.session);
        let plan = checked.approve(user, Consent::given(ticked)).mint(&self.policy, None, &mut self.draw, self.now);
        success(self.ledger.commit_code(plan).expect("nothing was parked"))
    }

    /// The code of a request that Ada allows.
    pub fn code(&mut self, request: &Form) -> String {
        field(&self.allow(request), "code")
    }

    /// The honest token request for a code.
    pub fn redemption(&self, client: &str, code: &str) -> Form {
        Form::of(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.clients.by_id[client].metadata().redirect_uris[0]),
            ("code_verifier", VERIFIER),
        ])
    }

    /// The honest token request for a refresh token.
    pub fn refreshing(token: &str) -> Form {
        Form::of(&[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// The credentials of a client, by the method it is registered for.
    pub fn credentials(&mut self, client: &str, body: Form) -> (Option<Vec<u8>>, Form) {
        let secret = self.clients.secrets.get(client).cloned().unwrap_or_default();
        match self.clients.by_id[client].auth_method() {
            ClientAuthMethod::ClientSecretBasic => (Some(basic(client, &secret)), body),
            ClientAuthMethod::ClientSecretPost => (None, body.and("client_id", client).and("client_secret", &secret)),
            ClientAuthMethod::None => (None, body.and("client_id", client)),
            ClientAuthMethod::PrivateKeyJwt => {
                self.jti += 1;
                let mut claims = assertion_claims(client, &format!("jti-{}", self.jti));
                claims.iat = Some(self.now);
                claims.exp = self.now + jose::Seconds(60);
                (None, asserting(body, &assertion(client_key(), &claims)))
            }
        }
    }

    /// A token request of `client`, with right credentials.
    pub fn token(&mut self, client: &str, body: Form) -> Result<Tokens, Refused> {
        let (header, body) = self.credentials(client, body);
        self.token_raw(header.as_deref(), &body.bytes())
    }

    /// A token request as it arrives.
    pub fn token_raw(&mut self, header: Option<&[u8]>, body: &[u8]) -> Result<Tokens, Refused> {
        let plan = self.plan_raw(header, body)?;
        self.commit(plan)
    }

    /// The plan of a token request, not committed.
    pub fn plan(&mut self, client: &str, body: Form) -> Result<IssuePlan, Refused> {
        let (header, body) = self.credentials(client, body);
        self.plan_raw(header.as_deref(), &body.bytes())
    }

    fn plan_raw(&mut self, header: Option<&[u8]>, body: &[u8]) -> Result<IssuePlan, Refused> {
        let request = TokenRequest::parse(header, body)?;
        let client = self.authenticate(request.client)?;
        let peeked = self.ledger.peek(request.grant.source());
        let deciding = Deciding { policy: &self.policy, draw: &mut self.draw, now: self.now };
        request.grant.decide(&client, peeked, deciding).map_err(|refused| {
            self.ledger.carry_out(refused.consequence, self.now);
            Refused { consequence: refused.consequence, ..Refused::from(refused.refusal) }
        })
    }

    /// Commits a plan and signs what comes of it.
    pub fn commit(&mut self, plan: IssuePlan) -> Result<Tokens, Refused> {
        let if_lost = plan.if_lost();
        let done = self.ledger.commit(plan).ok_or(if_lost)?;
        let response = TokenResponse::sign(done, &OneKey).expect("the key is there");
        Ok(Tokens(serde_json::to_value(response).expect("JSON")))
    }

    pub fn authenticate(&mut self, presented: PresentedClient) -> Result<AuthenticatedClient, Refusal> {
        let client = self.clients.by_id.get(presented.client_id()).cloned();
        match presented.check(client, &self.policy, self.now)? {
            CheckedClient::Authenticated(client) => Ok(client),
            CheckedClient::OnFirstUse(assertion) => match self.ledger.first_use(assertion) {
                Some(first) => Ok(AuthenticatedClient::from_first_use(first)),
                None => Err(Rule::AssertionReplayed.refuse()),
            },
        }
    }

    /// A client that proved itself.
    pub fn authenticated(&mut self, client: &str) -> AuthenticatedClient {
        let (header, body) = self.credentials(client, Form::default());
        let parameters = Parameters::parse(&body.bytes()).expect("well-formed");
        let presented = PresentedClient::parse(header.as_deref(), &parameters).expect("one method");
        self.authenticate(presented).expect("right credentials")
    }

    /// The whole flow: Ada allows, the client redeems.
    pub fn connect(&mut self, client: &str) -> Tokens {
        let request = self.request(client);
        self.connect_by(&request)
    }

    /// The whole flow for this request.
    pub fn connect_by(&mut self, request: &Form) -> Tokens {
        let client = request.get("client_id").to_owned();
        let code = self.code(request);
        let redemption = self.redemption(&client, &code);
        self.token(&client, redemption).expect("an honest redemption")
    }

    /// What is known of an access token, if it counts. Its use is noted, as the endpoints do.
    pub fn live(&mut self, token: &str) -> Result<LiveToken, Rule> {
        let presented = PresentedToken::read(token, &public(&[server_key()]), &self.policy, self.now)
            .map_err(|refusal| refusal.rule())?;
        let peeked = self.ledger.peek_access(&presented);
        let client = peeked.as_ref().and_then(|peeked| self.clients.by_id.get(&peeked.token.client_id));
        let live = LiveToken::check(&presented, peeked, client.map(|client| &**client), self.now)
            .map_err(|refusal| refusal.rule())?;
        if let Some((grant, token)) = live.confirms() {
            self.ledger.confirm(grant, token);
        }
        Ok(live)
    }

    /// What introspection answers `caller`; `None` reads `{"active":false}`.
    pub fn introspect(&mut self, caller: &str, token: &str) -> Option<Value> {
        let caller = self.authenticated(caller);
        let live = self.live(token).ok()?;
        let known = live.introspection(&caller, &self.policy)?;
        Some(serde_json::to_value(known).expect("JSON"))
    }

    /// What a revocation request of `client` leads to; it is carried out.
    pub fn revoke(&mut self, client: &str, token: &str) -> Revocation {
        let client = self.authenticated(client);
        let Ok(presented) = PresentedToken::read(token, &public(&[server_key()]), &self.policy, self.now) else {
            return Revocation::Nothing;
        };
        let decided = match &presented {
            PresentedToken::Refresh(handle) => {
                revoke_refresh(&client, &presented, self.ledger.peek_refresh(handle.id()))
            }
            _ => revoke_access(&client, &presented, self.ledger.peek_access(&presented)),
        };
        self.ledger.revoke(decided, self.now);
        decided
    }

    /// The only grant there is.
    pub fn grant(&self) -> &protocol::record::GrantRecord {
        assert_eq!(self.ledger.grants.len(), 1, "the test speaks of one grant");
        self.ledger.grants.values().next().expect("one")
    }
}

/// The refusal of a token request.
pub fn denied(answer: Result<Tokens, Refused>) -> (Rule, Consequence) {
    let refused = answer.expect_err("must be refused");
    (refused.rule, refused.consequence)
}

/// An Authorization header by HTTP Basic.
pub fn basic(id: &str, secret: &str) -> Vec<u8> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let joined = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", data_encoding::BASE64.encode(joined.as_bytes())).into_bytes()
}

/// A body with a client assertion.
pub fn asserting(body: Form, assertion: &str) -> Form {
    body.and("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .and("client_assertion", assertion)
}

/// Where an answer goes, without its parameters, and its parameters.
pub fn fields(answer: &BrowserAnswer) -> (String, Vec<(String, String)>) {
    match answer {
        BrowserAnswer::FormPost { action, fields } => {
            (action.clone(), fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
        }
        BrowserAnswer::Redirect(location) => {
            let (target, query) = location.split_once('?').expect("a query");
            let query = query.split_once('#').map_or(query, |(query, _)| query);
            (target.to_owned(), form_urlencoded::parse(query.as_bytes()).into_owned().collect())
        }
    }
}

/// The one value of a field of an answer.
pub fn field(answer: &BrowserAnswer, name: &str) -> String {
    let values: Vec<String> =
        fields(answer).1.into_iter().filter(|(have, _)| have == name).map(|(_, value)| value).collect();
    assert_eq!(values.len(), 1, "{name} once in {answer:?}");
    values[0].clone()
}
