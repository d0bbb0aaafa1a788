//! The sections of the configuration. The comments here are the comments of the file that `init` writes, the text of
//! `docs/configuration.md` and the "why" of an error, so they are written for operators.

use super::bounds::{Amount, DAY, HOUR, MINUTE, Span};
use super::values::{Algorithm, LogFilter, Network};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Where the server listens and what one connection may ask of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port of browsers, clients and APIs. Without `server.tls` it must be a loopback address, or
    /// `trusted_proxies` must name who speaks TLS in front of it: tokens and passwords never travel in clear.
    pub listen: SocketAddr,
    /// Address and port of health and metrics. They tell strangers more than they should know, so this is a loopback
    /// address unless `danger_expose_admin` says otherwise.
    pub admin_listen: SocketAddr,
    /// Lets `admin_listen` be reached from other machines, for a probe or a metrics collector on a private network.
    /// Nothing on it asks who you are: put a firewall in front.
    pub danger_expose_admin: bool,
    /// Other `Host` values to answer to, besides the issuer's own: the name a health check or an inner network uses. A
    /// request for any other host is refused, so that no cache or page can be made to speak under a stranger's name.
    pub hosts: Vec<String>,
    /// Networks of the reverse proxies in front, as CIDR. Only from there are `X-Forwarded-For` and
    /// `X-Forwarded-Proto` believed; from anywhere else they are ignored and reported. Never name a network that
    /// strangers can connect from: they could then claim any address.
    pub trusted_proxies: Vec<Network>,
    /// How long running requests may take to finish after the server was told to stop.
    pub shutdown_grace: Span<10, 1, { 5 * MINUTE }>,
    /// Own certificate, when no proxy does TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Bounds for connections and requests, so that one laptop cannot stall everyone.
    pub limits: Limits,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            admin_listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8083),
            danger_expose_admin: false,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            shutdown_grace: Span::default(),
            tls: None,
            limits: Limits::default(),
        }
    }
}

/// Certificate and key files, PEM. Both are read again when they change; a pair that does not work is reported and the
/// one in use stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, then the certificates that lead to its root.
    pub certificate: PathBuf,
    /// The certificate's private key. Other users of the machine must not be able to read this file.
    pub key: PathBuf,
    /// How often the two files are looked at for a change.
    #[serde(default)]
    pub reload_interval: Span<30, 1, DAY>,
}

/// Bounds for connections and requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open connections in all. Keep it below the limit of open files (`ulimit -n`).
    pub connections: Amount<8192, 16, 1_000_000>,
    /// Open connections from one address (one /64 network for IPv6). Trusted proxies are not counted.
    pub connections_per_address: Amount<512, 4, 1_000_000>,
    /// Time for a TLS handshake.
    pub tls_handshake: Span<10, 1, MINUTE>,
    /// Time from the first byte of a request until its headers are complete.
    pub header_time: Span<10, 1, MINUTE>,
    /// Bytes of request line and headers together. An authorization request is a URL, so below 8 KiB honest clients
    /// fail.
    pub header_bytes: Amount<16_384, 8_192, 131_072>,
    /// Number of headers. Values other than the default cost a little speed.
    pub header_count: Amount<100, 32, 256>,
    /// Bytes of a request body.
    pub body_bytes: Amount<65_536, 16_384, 1_048_576>,
    /// Time from the headers until the body is complete.
    pub body_time: Span<10, 1, { 2 * MINUTE }>,
    /// Time for a whole request, body included, until its answer begins.
    pub request_time: Span<30, 1, { 5 * MINUTE }>,
    /// How long a connection may stay open between requests.
    pub keep_alive_idle: Span<60, 1, { 10 * MINUTE }>,
    /// Requests at once on one HTTP/2 connection.
    pub http2_streams: Amount<64, 1, 1_000>,
    /// Requests a client may open and take back on one HTTP/2 connection before it is closed: a cheap way to make work.
    pub http2_resets: Amount<20, 1, 1_000>,
}

/// How long things live.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// An authorization code. It is redeemed within a second or so; every further second is time for a thief.
    pub code: Span<60, 10, { 10 * MINUTE }>,
    /// An access token, unless its resource or client says less. A JWT cannot be called back, so keep it short.
    pub access_token: Span<{ 5 * MINUTE }, 30, HOUR>,
    /// An ID token. It tells of a sign-in just now; it is not a session.
    pub id_token: Span<{ 5 * MINUTE }, 30, HOUR>,
    /// A refresh token that is not used.
    pub refresh_idle: Span<{ 30 * DAY }, HOUR, { 365 * DAY }>,
    /// All refresh tokens of one grant together, however often they are used. Then the person is asked again.
    pub refresh_total: Span<{ 180 * DAY }, HOUR, { 730 * DAY }>,
    /// A browser's sign-in that is not used.
    pub session_idle: Span<{ 8 * HOUR }, { 5 * MINUTE }, { 30 * DAY }>,
    /// A browser's sign-in in all. Then the person signs in again.
    pub session_total: Span<{ 7 * DAY }, { 5 * MINUTE }, { 90 * DAY }>,
    /// A request that waits for a person to sign in and to decide.
    pub parked_request: Span<{ 15 * MINUTE }, MINUTE, HOUR>,
    /// A remembered consent: for how long the same client is not asked about again.
    pub consent: Span<{ 90 * DAY }, HOUR, { 365 * DAY }>,
}

/// How passwords are hashed and how good a new one must be. The floor of the three cost figures is OWASP's: 19 MiB,
/// two passes, one lane. Raising them makes guessing from a stolen store dearer; existing hashes are renewed as people
/// sign in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Passwords {
    /// Argon2id memory in KiB, per password being checked.
    pub memory_kib: Amount<19_456, 19_456, 1_048_576>,
    /// Argon2id passes over the memory.
    pub iterations: Amount<2, 2, 20>,
    /// Argon2id lanes.
    pub parallelism: Amount<1, 1, 8>,
    /// Characters of a new password, at least. Length is what counts.
    pub min_length: Amount<10, 8, 64>,
    /// How hard a new password must be to guess, as zxcvbn scores it: 2 is fair, 3 good, 4 strong.
    pub min_score: Amount<3, 2, 4>,
    /// Passwords hashed at the same time. Each takes a core and `memory_kib`.
    pub threads: Amount<2, 1, 64>,
    /// Passwords that may wait for a thread; beyond that, sign-in says "try again in a moment" and the rest of the server
    /// stays fast.
    pub queue: Amount<64, 1, 4_096>,
}

/// The tar pit: wrong passwords and wrong client secrets make the next try wait. Delays are per source, end by
/// themselves and never lock an account for good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Throttle {
    /// Wrong passwords for one account from one source before delays begin.
    pub free_attempts: Amount<5, 1, 20>,
    /// Wrong passwords from one address over all accounts before delays begin. An office behind one address shares it.
    pub free_attempts_address: Amount<30, 5, 1_000>,
    /// Wrong passwords for one account over all sources before strangers to it wait, too. Each source adds three at most,
    /// so that a single one cannot slow others down.
    pub free_attempts_account: Amount<12, 4, 1_000>,
    /// Wrong secrets for one client from one address before delays begin.
    pub free_attempts_client: Amount<10, 1, 1_000>,
    /// The first delay. It doubles with every further failure.
    pub first_delay: Span<1, 1, MINUTE>,
    /// The longest delay of one source.
    pub longest_delay: Span<{ 15 * MINUTE }, 10, { 24 * HOUR }>,
    /// The longest delay that failures from elsewhere can put on a person who tries from a new place.
    pub longest_delay_account: Span<30, 1, { 5 * MINUTE }>,
    /// The time in which one failure is forgotten.
    pub forget_one: Span<{ 15 * MINUTE }, MINUTE, DAY>,
    /// For how long an address where somebody signed in rightly counts as known to the account.
    pub acquaintance: Span<{ 30 * DAY }, HOUR, { 365 * DAY }>,
    /// Sources, accounts and clients remembered at a time, each. Fixed memory: about 24 bytes for each of six tables.
    pub entries: Amount<16_384, 1_024, 4_194_304>,
}

/// Signing keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The folder of the private keys, one file each. Only the server's user may read them. Relative to this file.
    pub directory: PathBuf,
    /// The algorithms to hold a key for; the first one signs unless a client or a resource asks for another. RS256 and
    /// PS256 cost sixteen times the work of ES256: only for clients that know nothing else.
    pub algorithms: Vec<Algorithm>,
    /// The age at which a key is replaced.
    pub rotation_age: Span<{ 90 * DAY }, DAY, { 730 * DAY }>,
    /// How long a new key is published before it signs, so that every API has fetched it.
    pub publish_ahead: Span<{ 2 * DAY }, HOUR, { 30 * DAY }>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("keys"),
            algorithms: vec![Algorithm::ES256],
            rotation_age: Span::default(),
            publish_ahead: Span::default(),
        }
    }
}

/// The store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// The SQLite file. Relative to this file.
    pub path: PathBuf,
}

impl Default for Store {
    fn default() -> Self {
        Self { path: PathBuf::from("store.sqlite") }
    }
}

/// What the server tells about itself on standard error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Lines for people, or one JSON object per line for machines.
    pub format: LogFormat,
    /// How much: `error`, `warn`, `info`, `debug` or `trace`; or per part, `info,server::edge=debug`.
    pub level: LogFilter,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Lines for people.
    #[default]
    Text,
}

/// Languages of the pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct I18n {
    /// The language when a browser asks for none that we have.
    pub default: Language,
}

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// German.
    De,
    /// English.
    #[default]
    En,
}

impl Language {
    /// The language's tag, `en` or `de`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::De => "de",
            Language::En => "en",
        }
    }
}
