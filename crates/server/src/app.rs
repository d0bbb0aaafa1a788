//! The server put together.

use std::sync::Arc;

use jose::Algorithm;
use protocol::Seconds;
use protocol::inspect::LiveToken;
use protocol::policy::{Lifetimes, Policy, ResourceServer, ScopeDescription, TokenFormat};
use store::{Ledger, StoreError};

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::edge::{AddressKey, Metrics, Throttle};
use crate::entropy::Entropy;
use crate::events::Events;
use crate::keys::KeyRing;
use crate::password::{Hasher, Policy as PasswordPolicy, Pool};
use crate::quota::{Challenges, Quota};
use crate::runtime::StartError;

/// Requests that one address may leave waiting for sign-in in ten minutes.
const PARKED_PER_ADDRESS: u32 = 300;
/// The same for a whole site: a tenth of all that may wait, so that nobody's one network fills the room.
const PARKED_PER_SITE: u32 = 5_000;
/// Unknown codes and refresh tokens that one address may present in a minute.
const GUESSES_PER_ADDRESS: u32 = 60;
/// Errors that one client may have carried to it from one address in ten minutes.
const ERROR_REDIRECTS: u32 = 60;

/// What every handler shares.
pub struct App {
    /// The configuration.
    pub config: Config,
    /// The part of it that decides.
    pub policy: Policy,
    /// The store.
    pub ledger: Ledger,
    /// Signing keys.
    pub keys: KeyRing,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub entropy: Arc<Entropy>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Security events.
    pub events: Events,
    /// Password hashing.
    pub passwords: Pool,
    /// What a new password must be.
    pub password_policy: PasswordPolicy,
    /// The tar pit.
    pub throttle: Throttle,
    /// How much an address may leave waiting.
    pub parking: Quota<AddressKey>,
    /// How much a site may leave waiting.
    pub parking_sites: Quota<AddressKey>,
    /// How many unknown codes and refresh tokens an address may present.
    pub guesses: Quota<AddressKey>,
    /// How many errors a client may have carried to it from one address before a person sees them.
    pub error_redirects: Quota<(String, AddressKey)>,
    /// Challenges seen lately.
    pub challenges: Challenges,
}

/// The app as handlers get it.
pub type Shared = Arc<App>;

impl App {
    /// Puts a server together from a checked configuration and an open store. Must be called inside a tokio runtime.
    pub fn new(
        config: Config,
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
        metrics: Arc<Metrics>,
    ) -> Result<Shared, StartError> {
        let policy = policy(&config);
        let mut algorithms: Vec<Algorithm> = config.keys.algorithms.iter().map(|alg| algorithm(*alg)).collect();
        algorithms.extend(policy.resources.iter().map(|resource| resource.signing_alg));
        algorithms.push(policy.signing_alg);
        let keys = KeyRing::open(&config.keys.directory, &algorithms, clock.now())?;
        let events = Events::start(ledger.clone(), metrics.clone(), clock.clone(), entropy.clone());
        Ok(Arc::new(App {
            passwords: Pool::start(
                &config.passwords,
                Hasher::new(&config.passwords, entropy.clone())?,
                metrics.clone(),
            )?,
            password_policy: PasswordPolicy::new(&config.passwords),
            throttle: Throttle::new(&config.throttle),
            parking: Quota::new(PARKED_PER_ADDRESS, Seconds(600)),
            parking_sites: Quota::new(PARKED_PER_SITE, Seconds(600)),
            guesses: Quota::new(GUESSES_PER_ADDRESS, Seconds(60)),
            error_redirects: Quota::new(ERROR_REDIRECTS, Seconds(600)),
            challenges: Challenges::default(),
            config,
            policy,
            ledger,
            keys,
            clock,
            entropy,
            metrics,
            events,
        }))
    }

    /// Notes that a token was seen in use: the answer that carried it has arrived, so what came before it is a replay from
    /// now on.  defends: refresh-token-replay
    pub async fn confirm(&self, live: &LiveToken) -> Result<(), StoreError> {
        match live.confirms() {
            Some((grant, token)) => self.ledger.confirm(grant, token).await,
            None => Ok(()),
        }
    }
}

fn algorithm(alg: config::Algorithm) -> Algorithm {
    // Both enums hold the same five names of the JOSE registry; a test walks them.
    Algorithm::from_name(alg.as_str()).unwrap_or(Algorithm::Es256)
}

/// The protocol's view of the configuration.
pub fn policy(config: &Config) -> Policy {
    let lifetimes = &config.lifetimes;
    let signing_alg = config.keys.algorithms.first().map_or(Algorithm::Es256, |alg| algorithm(*alg));
    Policy {
        issuer: config.issuer.as_str().to_owned(),
        lifetimes: Lifetimes {
            code: lifetimes.code.seconds(),
            access_token: lifetimes.access_token.seconds(),
            id_token: lifetimes.id_token.seconds(),
            refresh_idle: lifetimes.refresh_idle.seconds(),
            refresh_total: lifetimes.refresh_total.seconds(),
            parked: lifetimes.parked_request.seconds(),
            consent: lifetimes.consent.seconds(),
            ..Lifetimes::default()
        },
        signing_alg,
        resources: config.resource.iter().map(|have| resource(have, signing_alg)).collect(),
    }
}

fn resource(resource: &config::Resource, default: Algorithm) -> ResourceServer {
    let scope = |(name, scope): (&config::ScopeName, &config::Scope)| {
        let german = scope.description_de.iter().map(|text| ("de".to_owned(), text.as_str().to_owned()));
        ScopeDescription {
            value: name.as_str().to_owned(),
            words: std::iter::once(("en".to_owned(), scope.description.as_str().to_owned())).chain(german).collect(),
            sensitive: scope.sensitive,
        }
    };
    ResourceServer {
        identifier: resource.identifier.as_str().to_owned(),
        name: resource.name.as_str().to_owned(),
        token_format: match resource.token_format {
            config::TokenFormat::Jwt => TokenFormat::Jwt,
            config::TokenFormat::Opaque => TokenFormat::Opaque,
        },
        signing_alg: resource.signing_alg.map_or(default, algorithm),
        access_token_lifetime: resource.access_token_lifetime.map(|span| span.seconds()),
        scopes: resource.scopes.iter().map(scope).collect(),
    }
}
