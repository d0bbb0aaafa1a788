//! Instructions of each stop of the two main walks, counted under valgrind and compared with committed limits.
//!
//! Time is no measure on a machine that others use; the number of instructions is the same every time.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::ValueEnum;
use jose::{Algorithm, JwkSet, Seconds, Secret, SigningKey, UnixTime};
use protocol::authorize::{HintKeys, UnverifiedAuthorizationRequest};
use protocol::client_auth::{AuthenticatedClient, CheckedClient, PresentedClient};
use protocol::grants::{Deciding, Peeked};
use protocol::handle::{Draw, HandleKind, Id, NewHandle, SecretHash};
use protocol::inspect::{LiveToken, PresentedToken};
use protocol::oidc::claims::ClaimsRequest;
use protocol::policy::{Lifetimes, Policy, ResourceServer, ScopeDescription, TokenFormat};
use protocol::record::{
    AccessRecord, Authentication, CodeRecord, CodeState, GrantRecord, Offline, Owner, OwnerStatus, PeekedAccess,
    PeekedCode, PeekedRefresh, RefreshRecord, RefreshState,
};
use protocol::registration::{ClientMetadata, RegisteredClient};
use protocol::scope::ScopeSet;
use protocol::token::{IssuePlan, Signer, TokenRequest, TokenResponse};
use protocol::wire::parameters::Parameters;
use serde_json::json;
use store::Ledger;

use crate::setup::{MAIL, NOTES, REDIRECT_URI};

/// More than so much above its limit, and the count is a failure.
const SLACK: f64 = 1.10;
const NOW: UnixTime = UnixTime(1_790_000_000);

/// The key of RFC 7515 appendix A.3, which everybody knows. A fresh one would take a different number of instructions to
/// make in each process, many more than a stop has.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// A stop, or the few that cannot be parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stop {
    /// The parameters of an authorization request are read
    ParseParameters,
    /// An authorization request is parsed, bound and checked
    CheckAuthorization,
    /// A token request is parsed
    ParseTokenRequest,
    /// A client's secret is checked
    CheckClientSecret,
    /// The redemption of a code is decided
    DecideCode,
    /// A refresh is decided
    DecideRefresh,
    /// Client credentials are decided, and the answer is signed
    PlanAndSign,
    /// Introspection of an opaque token is decided
    DecideIntrospection,
}

/// Does one stop so many times: what runs under valgrind.
pub fn run(stop: Stop, iterations: u32) -> Result<()> {
    let stage = Stage::set()?;
    for _ in 0..iterations {
        stage.pass(stop)?;
    }
    Ok(())
}

/// Counts every stop and compares with the limits; writes them when `accept` is given.
pub fn compare(accept: bool) -> Result<()> {
    if !Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("skipped: instruction counts (valgrind is not installed: apt-get install valgrind)");
        return Ok(());
    }
    ensure!(!cfg!(debug_assertions), "instruction counts mean something in a release build only");
    let mut counts = BTreeMap::new();
    let limits = read_limits()?;
    let mut worse = Vec::new();
    println!("{:<22} {:>12} {:>12}", "stop", "instructions", "limit");
    for stop in Stop::value_variants() {
        let name = name(*stop);
        let count = count(*stop).with_context(|| name.clone())?;
        let limit = limits.get(&name).copied();
        println!("{name:<22} {count:>12} {:>12}", limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string()));
        if limit.is_none_or(|limit| count as f64 > limit as f64 * SLACK) {
            worse.push(name.clone());
        }
        counts.insert(name, count);
    }
    if accept {
        let text = format!(
            "# Instructions of each stop, from `bench --stops --accept`. 10 % more is a failure.\n\n{}",
            toml::to_string(&counts)?
        );
        return Ok(std::fs::write(limits_path(), text)?);
    }
    println!("{} passed, {} failed", counts.len() - worse.len(), worse.len());
    if !worse.is_empty() {
        bail!(
            "more than 10 % above the limit: {}. If that is the price of something: --stops --accept",
            worse.join(", ")
        );
    }
    Ok(())
}

fn name(stop: Stop) -> String {
    stop.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn limits_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("limits.toml")
}

fn read_limits() -> Result<BTreeMap<String, u64>> {
    match std::fs::read_to_string(limits_path()) {
        Ok(text) => Ok(toml::from_str(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

/// Instructions of one pass: the difference between few and many, so that start and setup do not count.
fn count(stop: Stop) -> Result<u64> {
    const FEW: u32 = 10;
    const MANY: u32 = 510;
    let (few, many) = (instructions(stop, FEW)?, instructions(stop, MANY)?);
    Ok(many.saturating_sub(few) / u64::from(MANY - FEW))
}

fn instructions(stop: Stop, iterations: u32) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["--stop", &name(stop), "--iterations", &iterations.to_string()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind: {text}");
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = collected.context("valgrind did not tell a count")?;
    Ok(count.trim().parse()?)
}

/// Everything that the stops work on.
struct Stage {
    policy: Policy,
    web: Arc<RegisteredClient>,
    worker: Arc<RegisteredClient>,
    notes: Arc<RegisteredClient>,
    keys: Keys,
    published: JwkSet,
    query: String,
    verifier: String,
    handles: Handles,
    bodies: Bodies,
    ledger: Ledger,
    runtime: tokio::runtime::Runtime,
}

struct Handles {
    code: NewHandle,
    refresh: NewHandle,
    access: NewHandle,
}

/// Requests as they arrive.
struct Bodies {
    redemption: String,
    refresh: String,
    credentials: String,
    notes_api: String,
}

impl Bodies {
    fn new(handles: &Handles, verifier: &str, [web, worker, notes]: [&str; 3]) -> Bodies {
        Bodies {
            redemption: form(&[
                ("grant_type", "authorization_code"),
                ("code", handles.code.value().expose()),
                ("redirect_uri", REDIRECT_URI),
                ("code_verifier", verifier),
                ("client_id", "web"),
                ("client_secret", web),
            ]),
            refresh: form(&[
                ("grant_type", "refresh_token"),
                ("refresh_token", handles.refresh.value().expose()),
                ("client_id", "web"),
                ("client_secret", web),
            ]),
            credentials: form(&[
                ("grant_type", "client_credentials"),
                ("client_id", "worker"),
                ("client_secret", worker),
            ]),
            notes_api: form(&[("client_id", "notes"), ("client_secret", notes)]),
        }
    }
}

struct Keys(SigningKey);

impl Signer for Keys {
    fn key(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        (self.0.algorithm() == algorithm).then_some(&self.0)
    }
}

/// Ids and secrets that are all alike: nothing of this leaves the process.
struct Drawn;

impl Draw for Drawn {
    fn id(&mut self) -> Id {
        Id(1 << 60)
    }

    fn secret(&mut self) -> [u8; 32] {
        [7; 32]
    }
}

impl Stage {
    fn set() -> Result<Stage> {
        let policy = policy();
        let (web, web_secret) = client(
            &policy,
            1,
            json!({
                "client_id": "web", "redirect_uris": [REDIRECT_URI], "scope": "openid mail:read notes:read",
                "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "client_secret_post",
            }),
        )?;
        let (worker, worker_secret) = client(
            &policy,
            2,
            json!({
                "client_id": "worker", "grant_types": ["client_credentials"], "scope": "mail:read",
                "token_endpoint_auth_method": "client_secret_post",
            }),
        )?;
        let (notes, notes_secret) = client(
            &policy,
            3,
            json!({
                "client_id": "notes", "grant_types": [], "introspect_resources": [NOTES],
                "token_endpoint_auth_method": "client_secret_post",
            }),
        )?;
        let keys = Keys(SigningKey::from_private_jwk(&Secret::new(KEY.to_owned()))?);
        let verifier = "A".repeat(43);
        let query = form(&[
            ("response_type", "code"),
            ("client_id", "web"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "openid mail:read"),
            ("state", "AAAAAAAAAAAAAAAA"),
            ("nonce", "AAAAAAAAAAAAAAAA"),
            ("code_challenge", &challenge(&verifier)),
            ("code_challenge_method", "S256"),
        ]);
        let handles = Handles {
            code: NewHandle::mint(HandleKind::Code, Id(11), &[11; 32]),
            refresh: NewHandle::mint(HandleKind::RefreshToken, Id(12), &[12; 32]),
            access: NewHandle::mint(HandleKind::AccessToken, Id(13), &[13; 32]),
        };
        Ok(Stage {
            published: JwkSet::from_keys([keys.0.public_jwk().clone()])?,
            bodies: Bodies::new(&handles, &verifier, [&web_secret, &worker_secret, &notes_secret]),
            ledger: Ledger::memory(),
            runtime: tokio::runtime::Builder::new_current_thread().build()?,
            policy,
            web,
            worker,
            notes,
            keys,
            query,
            verifier,
            handles,
        })
    }

    /// One pass. It has to succeed: a refusal is a shorter way.
    fn pass(&self, stop: Stop) -> Result<()> {
        match stop {
            Stop::ParseParameters => {
                black_box(Parameters::parse(self.query.as_bytes()).map_err(refused)?);
            }
            Stop::CheckAuthorization => self.check_authorization()?,
            Stop::ParseTokenRequest => {
                black_box(TokenRequest::parse(None, self.bodies.redemption.as_bytes()).map_err(refused)?);
            }
            Stop::CheckClientSecret => {
                black_box(self.notes_api()?);
            }
            Stop::DecideCode => self.decide_code()?,
            Stop::DecideRefresh => self.decide_refresh()?,
            Stop::PlanAndSign => self.plan_and_sign()?,
            Stop::DecideIntrospection => self.introspect()?,
        }
        Ok(())
    }

    fn check_authorization(&self) -> Result<()> {
        let unverified = UnverifiedAuthorizationRequest::parse(self.query.as_bytes()).map_err(refused)?;
        let bound = unverified.bind(Some(self.web.clone())).map_err(refused)?;
        black_box(bound.check(&self.policy, &HintKeys { keys: &self.published, now: NOW }).map_err(refused)?);
        Ok(())
    }

    fn authenticated(&self, presented: PresentedClient, client: &Arc<RegisteredClient>) -> Result<AuthenticatedClient> {
        match presented.check(Some(client.clone()), &self.policy, NOW).map_err(refused)? {
            CheckedClient::Authenticated(client) => Ok(client),
            CheckedClient::OnFirstUse(_) => bail!("a secret is no assertion"),
        }
    }

    fn notes_api(&self) -> Result<AuthenticatedClient> {
        let parameters = Parameters::parse(self.bodies.notes_api.as_bytes()).map_err(refused)?;
        self.authenticated(PresentedClient::parse(None, &parameters).map_err(refused)?, &self.notes)
    }

    fn decided(&self, body: &str, client: &Arc<RegisteredClient>, peeked: Peeked) -> Result<IssuePlan> {
        let request = TokenRequest::parse(None, body.as_bytes()).map_err(refused)?;
        let client = self.authenticated(request.client, client)?;
        let deciding = Deciding { policy: &self.policy, draw: &mut Drawn, now: NOW };
        request.grant.decide(&client, peeked, deciding).map_err(refused)
    }

    fn decide_code(&self) -> Result<()> {
        let code = &self.handles.code;
        let peeked = PeekedCode {
            code: CodeRecord {
                id: code.id(),
                hash: code.hash(),
                redirect_uri: REDIRECT_URI.to_owned(),
                challenge: Some(challenge(&self.verifier)),
                nonce: None,
                expires: NOW + Seconds(60),
                state: CodeState::Active,
            },
            grant: grant("openid mail:read"),
            owner: owner(),
        };
        black_box(self.decided(&self.bodies.redemption, &self.web, Peeked::Code(Some(Box::new(peeked))))?);
        Ok(())
    }

    fn decide_refresh(&self) -> Result<()> {
        let token = &self.handles.refresh;
        let peeked = PeekedRefresh {
            token: RefreshRecord {
                id: token.id(),
                hash: token.hash(),
                expires: NOW + Seconds(60),
                state: RefreshState::Active,
            },
            successor: None,
            grant: grant("openid mail:read"),
            owner: owner(),
        };
        black_box(self.decided(&self.bodies.refresh, &self.web, Peeked::Refresh(Some(Box::new(peeked))))?);
        Ok(())
    }

    fn plan_and_sign(&self) -> Result<()> {
        let plan = self.decided(&self.bodies.credentials, &self.worker, Peeked::Nothing)?;
        // Nothing is stored for it, so the ledger passes it through: but no answer is signed without the ledger.
        let done = self.runtime.block_on(self.ledger.commit(plan)).map_err(refused)?;
        let answer = TokenResponse::sign(done, &self.keys)?;
        black_box(serde_json::to_vec(&answer)?);
        Ok(())
    }

    fn introspect(&self) -> Result<()> {
        let token = &self.handles.access;
        let presented =
            PresentedToken::read(token.value().expose(), &self.published, &self.policy, NOW).map_err(refused)?;
        let peeked = PeekedAccess {
            token: AccessRecord {
                id: token.id(),
                hash: token.hash(),
                grant: Id(1),
                client_id: "web".to_owned(),
                subject: owner().subject,
                scope: scope("notes:read"),
                audience: vec![NOTES.to_owned()],
                issued: NOW,
                expires: NOW + Seconds(60),
            },
            grant: Some(grant("notes:read")),
            owner: Some(owner()),
        };
        let live = LiveToken::check(&presented, Some(peeked), Some(&self.web), NOW).map_err(refused)?;
        let caller = self.notes_api()?;
        let known = live.introspection(&caller, &self.policy).context("the API may look at its own token")?;
        black_box(serde_json::to_vec(&known)?);
        Ok(())
    }
}

fn refused(why: impl std::fmt::Debug) -> anyhow::Error {
    anyhow!("{why:?}")
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn challenge(verifier: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()))
}

fn scope(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap_or_default()
}

fn owner() -> Owner {
    let claims = json!({ "name": "Ada Lovelace", "email": "ada@bench.example" }).to_string();
    Owner { subject: "u_227473652463108096".to_owned(), status: OwnerStatus::Active, claims }
}

fn grant(scopes: &str) -> GrantRecord {
    GrantRecord {
        id: Id(1),
        client_id: "web".to_owned(),
        subject: owner().subject,
        scope: scope(scopes),
        resources: Vec::new(),
        authentication: Authentication {
            time: NOW,
            acr: "pwd".to_owned(),
            amr: vec!["pwd".to_owned()],
            session: Id(2),
        },
        claims: ClaimsRequest::default(),
        created: NOW,
        expires: NOW + Seconds(600),
        ended: None,
        last_used: NOW,
        confirmed: Id::NONE,
        offline: Offline::Allowed,
    }
}

fn policy() -> Policy {
    let api = |identifier: &str, scope: &str, token_format| ResourceServer {
        identifier: identifier.to_owned(),
        name: identifier.to_owned(),
        token_format,
        signing_alg: Algorithm::Es256,
        access_token_lifetime: None,
        scopes: vec![ScopeDescription { value: scope.to_owned(), words: Vec::new(), sensitive: false }],
    };
    Policy {
        issuer: "http://127.0.0.1:43210".to_owned(),
        lifetimes: Lifetimes::default(),
        signing_alg: jose::Algorithm::Es256,
        resources: vec![api(MAIL, "mail:read", TokenFormat::Jwt), api(NOTES, "notes:read", TokenFormat::Opaque)],
    }
}

fn client(policy: &Policy, id: u64, metadata: serde_json::Value) -> Result<(Arc<RegisteredClient>, String)> {
    let metadata: ClientMetadata = serde_json::from_value(metadata)?;
    let mut client = RegisteredClient::register(metadata, "", policy, NOW).map_err(refused)?;
    let secret = NewHandle::mint(HandleKind::ClientSecret, Id(id), &[5; 32]);
    let hash: SecretHash = secret.hash();
    client.add_secret(secret.id(), hash, NOW, NOW);
    Ok((Arc::new(client), secret.value().expose().clone()))
}
