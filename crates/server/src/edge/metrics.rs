//! Counters and histograms for Prometheus.
//!
//! Labels are `&'static str` or small enums throughout: no text that was received can become a label, so neither a
//! secret nor an unbounded number of series can get in.  defends: secrets-in-logs-and-errors

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Paths under the issuer and their label; the last entry is for everything else. A path that ends in `/` stands for
/// all below it.
const ENDPOINTS: [(&str, &str); 19] = [
    ("/token", "token"),
    ("/authorize", "authorize"),
    ("/introspect", "introspect"),
    ("/userinfo", "userinfo"),
    ("/revoke", "revoke"),
    ("/jwks", "jwks"),
    ("/sign-in", "sign-in"),
    ("/consent", "consent"),
    ("/.well-known/openid-configuration", "openid-configuration"),
    ("/.well-known/oauth-authorization-server", "oauth-authorization-server"),
    ("/.well-known/oauth-authorization-server/", "oauth-authorization-server"),
    ("/errors/", "errors"),
    ("/assets/", "assets"),
    ("/health", "health"),
    ("/health/live", "health"),
    ("/health/ready", "health"),
    ("/metrics", "metrics"),
    ("/", "home"),
    ("", "other"),
];

/// The status codes with a series of their own; 0 stands for all others.
const STATUSES: [u16; 17] = [200, 204, 302, 303, 304, 400, 401, 403, 404, 405, 408, 413, 421, 429, 500, 503, 0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: &'static str,
    status: u16,
}

/// One fixed word as a label.
macro_rules! label {
    ($name:ident, $field:ident) => {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        struct $name {
            $field: &'static str,
        }
    };
}

label!(EndpointLabel, endpoint);
label!(GrantLabel, grant);
label!(SignalLabel, signal);
label!(RuleLabel, rule);
label!(WhyLabel, why);
label!(ResultLabel, result);

/// Why a connection was not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRefused {
    /// The address has its share of connections.
    AddressShare,
    /// All connections are taken.
    Full,
    /// The TLS handshake failed or took too long.
    Handshake,
    /// Headers took too long.
    SlowHeaders,
}

impl ConnectionRefused {
    fn as_str(self) -> &'static str {
        match self {
            ConnectionRefused::AddressShare => "address-share",
            ConnectionRefused::Full => "full",
            ConnectionRefused::Handshake => "handshake",
            ConnectionRefused::SlowHeaders => "slow-headers",
        }
    }
}

/// All that is counted. One per process, shared by reference; every method is cheap and never blocks for long.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    base_path: String,
    /// By endpoint, then by status: a request is counted without a lock or a hash.
    requests: Vec<[Counter; STATUSES.len()]>,
    latency: Vec<Histogram>,
    tokens: Family<GrantLabel, Counter>,
    events: Family<SignalLabel, Counter>,
    refused: Family<RuleLabel, Counter>,
    connections_refused: Family<WhyLabel, Counter>,
    certificate_reloads: Family<ResultLabel, Counter>,
    connections: Gauge,
    password_queue: Gauge,
    password_shed: Counter,
    panics: Counter,
    store_group: Histogram,
}

impl Metrics {
    /// Fresh counters for a server whose issuer has the path `base_path` (empty for a bare origin).
    #[must_use]
    pub fn new(base_path: &str) -> Self {
        let mut registry = Registry::with_prefix("safeconduct");
        let by_request = Family::<RequestLabels, Counter>::default();
        let by_endpoint = Family::<EndpointLabel, Histogram>::new_with_constructor(latency_buckets);
        registry.register("requests", "Requests answered, by endpoint and status (0: any other)", by_request.clone());
        registry.register("request_seconds", "Time from headers to the start of the answer", by_endpoint.clone());
        let requests = ENDPOINTS.map(|(_, endpoint)| {
            STATUSES.map(|status| by_request.get_or_create_owned(&RequestLabels { endpoint, status }))
        });
        let latency = ENDPOINTS.map(|(_, endpoint)| by_endpoint.get_or_create_owned(&EndpointLabel { endpoint }));
        let mut metrics = Self {
            registry,
            base_path: base_path.to_owned(),
            requests: requests.into(),
            latency: latency.into(),
            tokens: Family::default(),
            events: Family::default(),
            refused: Family::default(),
            connections_refused: Family::default(),
            certificate_reloads: Family::default(),
            connections: Gauge::default(),
            password_queue: Gauge::default(),
            password_shed: Counter::default(),
            panics: Counter::default(),
            store_group: Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0]),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("tokens_issued", "Answers with tokens, by grant", self.tokens.clone());
        registry.register("security_events", "Security events, by signal", self.events.clone());
        registry.register("refusals", "Requests refused, by rule", self.refused.clone());
        registry.register("connections", "Open connections", self.connections.clone());
        registry.register("connections_refused", "Connections not served, by reason", self.connections_refused.clone());
        registry.register(
            "certificate_reloads",
            "Changed certificate files, by result",
            self.certificate_reloads.clone(),
        );
        registry.register(
            "password_queue",
            "Passwords waiting for or in a hashing thread",
            self.password_queue.clone(),
        );
        registry.register(
            "password_shed",
            "Passwords turned away because the queue was full",
            self.password_shed.clone(),
        );
        registry.register("panics", "Requests that ended in a panic", self.panics.clone());
        registry.register("store_group", "Operations per commit of the store", self.store_group.clone());
    }

    /// The text that Prometheus reads (OpenMetrics 1.0).
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }

    /// Counts a request for `path` that was answered with `status` after `elapsed`.
    pub fn request(&self, path: &str, status: u16, elapsed: Duration) {
        self.request_at(self.endpoint(path), status, elapsed);
    }

    /// Which endpoint `path` belongs to.
    pub(super) fn endpoint(&self, path: &str) -> Endpoint {
        Endpoint(endpoint_of(path, &self.base_path))
    }

    /// As [`Metrics::request`], for a path that is gone by then.
    pub(super) fn request_at(&self, Endpoint(endpoint): Endpoint, status: u16, elapsed: Duration) {
        let status = STATUSES.iter().position(|known| *known == status).unwrap_or(STATUSES.len() - 1);
        self.requests[endpoint][status].inc();
        self.latency[endpoint].observe(elapsed.as_secs_f64());
    }

    /// Counts an answer with tokens.
    pub fn token_issued(&self, grant: &'static str) {
        self.tokens.get_or_create(&GrantLabel { grant }).inc();
    }

    /// Counts a security event.
    pub fn event(&self, signal: &'static str) {
        self.events.get_or_create(&SignalLabel { signal }).inc();
    }

    /// Counts a refusal by its rule in the catalogue.
    pub fn refused(&self, rule: &'static str) {
        self.refused.get_or_create(&RuleLabel { rule }).inc();
    }

    /// Counts a connection that was not served.
    pub fn connection_refused(&self, why: ConnectionRefused) {
        self.connections_refused.get_or_create(&WhyLabel { why: why.as_str() }).inc();
    }

    /// Counts a changed certificate that is now in use.
    pub fn certificate_reloaded(&self) {
        self.certificate_reloads.get_or_create(&ResultLabel { result: "used" }).inc();
    }

    /// Counts a changed certificate that does not work, so that the old one stays.
    pub fn certificate_rejected(&self) {
        self.certificate_reloads.get_or_create(&ResultLabel { result: "rejected" }).inc();
    }

    /// Counts a connection while the returned value lives.
    #[must_use]
    pub fn connection(&self) -> Held {
        Held::new(&self.connections)
    }

    /// Counts a password in the queue while the returned value lives.
    #[must_use]
    pub fn password(&self) -> Held {
        Held::new(&self.password_queue)
    }

    /// Counts a password that was turned away.
    pub fn password_shed(&self) {
        self.password_shed.inc();
    }

    /// Counts a request that panicked.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Records how many operations one commit of the store carried.
    pub fn store_group(&self, operations: usize) {
        #[allow(clippy::cast_precision_loss)] // groups have hundreds of operations, not 2^53
        self.store_group.observe(operations as f64);
    }
}

/// One of [`ENDPOINTS`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint(usize);

/// Holds a gauge one higher while it lives.
#[derive(Debug)]
pub struct Held(Gauge);

impl Held {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn latency_buckets() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
}

fn endpoint_of(path: &str, base_path: &str) -> usize {
    let path = path.strip_prefix(base_path).unwrap_or(path);
    ENDPOINTS
        .iter()
        .position(|(known, _)| *known == path || (known.len() > 1 && known.ends_with('/') && path.starts_with(known)))
        .unwrap_or(ENDPOINTS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_endpoint_and_status() {
        let metrics = Metrics::new("/tenant");
        metrics.request("/tenant/token", 200, Duration::from_millis(2));
        metrics.request("/tenant/errors/pkce-mismatch", 200, Duration::from_millis(2));
        metrics.request("/.well-known/oauth-authorization-server/tenant", 200, Duration::from_millis(2));
        metrics.request("/tenant/token", 418, Duration::from_millis(2));
        let held = metrics.connection();
        let text = metrics.render();
        for line in [
            "safeconduct_requests_total{endpoint=\"token\",status=\"200\"} 1",
            "safeconduct_requests_total{endpoint=\"token\",status=\"0\"} 1",
            "safeconduct_requests_total{endpoint=\"errors\",status=\"200\"} 1",
            "safeconduct_requests_total{endpoint=\"oauth-authorization-server\",status=\"200\"} 1",
            "safeconduct_request_seconds_count{endpoint=\"token\"} 2",
            "safeconduct_connections 1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        drop(held);
        assert!(metrics.render().contains("safeconduct_connections 0"));
    }

    #[test]
    fn secrets_in_logs_and_errors_paths_that_were_received_are_no_labels() {
        let metrics = Metrics::new("");
        metrics.request("/token/sc_ac.marked", 404, Duration::ZERO);
        metrics.request("/errors/sc_ac.marked", 404, Duration::ZERO);
        let text = metrics.render();
        assert!(!text.contains("marked"));
        assert!(text.contains("{endpoint=\"other\",status=\"404\"} 1"));
    }

    #[test]
    fn words_of_other_parts_are_counted() {
        let metrics = Metrics::new("");
        metrics.token_issued("refresh_token");
        metrics.event("code-replayed");
        metrics.refused("PkceMismatch");
        metrics.connection_refused(ConnectionRefused::Full);
        metrics.store_group(3);
        metrics.panicked();
        let text = metrics.render();
        for line in [
            "safeconduct_tokens_issued_total{grant=\"refresh_token\"} 1",
            "safeconduct_security_events_total{signal=\"code-replayed\"} 1",
            "safeconduct_refusals_total{rule=\"PkceMismatch\"} 1",
            "safeconduct_connections_refused_total{why=\"full\"} 1",
            "safeconduct_store_group_sum 3",
            "safeconduct_panics_total 1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
