//! What every parser must hold against any bytes: the bodies of the fuzz targets.
//!
//! `fuzz/` runs them under coverage on nightly; `tests/corpora.rs` runs them over the committed seeds and many mutations of
//! those on stable. A target panics where a law is broken; whatever it answers otherwise is fine.

use std::sync::{Arc, OnceLock};

use jose::{
    AccessToken, Algorithm, ClaimedClient, ClientAssertion, Expectation, ExpectedAudience, IdToken, JwkSet, UnixTime,
};
use protocol::authorize::{HintKeys, UnverifiedAuthorizationRequest, denial, refusal};
use protocol::client_auth::PresentedClient;
use protocol::handle::{HandleKind, Id, PresentedHandle};
use protocol::inspect::bearer;
use protocol::oidc::claims::ClaimsRequest;
use protocol::policy::{Lifetimes, Policy, ResourceServer, ScopeDescription, TokenFormat};
use protocol::redirect_uri::RegisteredRedirectUri;
use protocol::registration::{ApplicationType, ClientMetadata, RegisteredClient};
use protocol::relying::{AuthorizationStart, ClientIdentity, ServerMetadata, StartRandom};
use protocol::resource::TokenRule;
use protocol::scope::ScopeSet;
use protocol::token::TokenRequest;
use protocol::wire::parameters::Parameters;
use protocol::wire::response::BrowserAnswer;
use serde_json::json;

/// A target: takes any bytes, panics where a law is broken.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus and of its binary in `fuzz/`.
pub const ALL: &[(&str, Target)] = &[
    ("authorization_request", authorization_request),
    ("basic_header", basic_header),
    ("bearer_header", bearer_header),
    ("callback", callback),
    ("claims", claims),
    ("client_metadata", client_metadata),
    ("handle", handle),
    ("introspection_answer", introspection_answer),
    ("jwk_set", jwk_set),
    ("jwt", jwt),
    ("parameters", parameters),
    ("redirect_uri", redirect_uri),
    ("scope", scope),
    ("server_metadata", server_metadata),
    ("token_request", token_request),
];

const ISSUER: &str = "https://as.example";
const API: &str = "https://mail.example";
const WEB_CALLBACK: &str = "https://robot.example/cb";
const APP_CALLBACK: &str = "http://127.0.0.1/cb";
const NOW: UnixTime = UnixTime(1_900_000_000);

/// Public halves of keys whose private halves are gone: they signed the seeds.
fn keys() -> &'static JwkSet {
    static KEYS: OnceLock<JwkSet> = OnceLock::new();
    KEYS.get_or_init(|| JwkSet::parse(include_str!("public_keys.json")).expect("committed keys"))
}

fn policy() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    let scope = |value: &str| ScopeDescription { value: value.to_owned(), words: Vec::new(), sensitive: false };
    POLICY.get_or_init(|| Policy {
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
    })
}

fn client(id: &str) -> Option<Arc<RegisteredClient>> {
    static CLIENTS: OnceLock<[Arc<RegisteredClient>; 2]> = OnceLock::new();
    let register = |metadata: serde_json::Value| {
        let metadata = serde_json::from_value(metadata).expect("client metadata");
        Arc::new(RegisteredClient::register(metadata, "", policy(), NOW).expect("registrable"))
    };
    let clients = CLIENTS.get_or_init(|| {
        let scope = "openid profile mail:read mail:send";
        [
            register(json!({ "client_id": "robot", "redirect_uris": [WEB_CALLBACK], "scope": scope })),
            register(json!({
                "client_id": "app", "application_type": "native", "redirect_uris": [APP_CALLBACK], "scope": scope,
            })),
        ]
    });
    clients.iter().find(|client| client.id() == id).cloned()
}

/// Parameters are read once each, clean, and read the same when they are written again.
pub fn parameters(bytes: &[u8]) {
    let Ok(read) = Parameters::parse(bytes) else { return };
    for name in ["state", "scope", "code", "client_id", "claims", "token"] {
        let Some(value) = read.get(name) else { continue };
        assert!(!value.is_empty() && value.len() <= 8192 && !value.chars().any(char::is_control));
        assert_eq!(read.all(name).count(), 1);
        let again = format!("{name}={}", encoded(value));
        let again = Parameters::parse(again.as_bytes());
        // Written out, a value may have grown beyond what is read.
        assert!(again.is_err() || again.is_ok_and(|again| again.get(name) == Some(value)));
    }
    let again = [bytes, b"&state=x&state=x"].concat();
    assert!(Parameters::parse(&again).is_err(), "a second state is refused, whatever stands before it");
}

fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Whatever a request says, an answer goes to an address that its client registered, with our `iss`, or nowhere.
pub fn authorization_request(bytes: &[u8]) {
    let Ok(unverified) = UnverifiedAuthorizationRequest::parse(bytes) else { return };
    let client = client(unverified.client_id());
    let Ok(bound) = unverified.bind(client) else { return };
    let hint = HintKeys { keys: keys(), now: NOW };
    let answer = match bound.check(policy(), &hint) {
        Ok(checked) => {
            assert!(
                checked.scope().iter().all(|token| checked
                    .client()
                    .metadata()
                    .scope
                    .as_ref()
                    .is_some_and(|own| own.contains(token)))
            );
            assert!(checked.challenge().is_some_and(|challenge| challenge.len() == 43));
            denial(checked, policy())
        }
        Err(rejection) => {
            let Ok(trusted) = rejection.trust_by_vouching() else { panic!("both clients are vouched for") };
            refusal(trusted, policy())
        }
    };
    let own = |target: &str| {
        target == WEB_CALLBACK
            || target == APP_CALLBACK
            || (target.starts_with("http://127.0.0.1:") && target.ends_with("/cb"))
    };
    match answer {
        BrowserAnswer::FormPost { action, fields } => {
            assert!(own(&action));
            assert_eq!(fields.iter().filter(|(name, value)| *name == "iss" && value == ISSUER).count(), 1);
        }
        BrowserAnswer::Redirect(location) => {
            assert!(own(location.split('?').next().unwrap_or_default()), "{location}");
            assert!(location.bytes().all(|byte| byte.is_ascii_graphic()) && location.ends_with('#'));
            assert!(location.contains("iss=https%3A%2F%2Fas.example"));
        }
    }
}

/// An Authorization header, a line feed, a body. Without a line feed all of it is the body.
pub fn token_request(bytes: &[u8]) {
    let (header, body) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) => (Some(&bytes[..at]), &bytes[at + 1..]),
        None => (None, bytes),
    };
    let Ok(request) = TokenRequest::parse(header, body) else { return };
    assert!(!request.client.client_id().is_empty());
    let shown = format!("{request:?}");
    if let Ok(body) = Parameters::parse(body) {
        for name in ["client_secret", "code_verifier", "client_assertion"] {
            let Some(value) = body.get(name) else { continue };
            // Short values may be part of some word, and the same text may stand in a value that is no secret.
            let elsewhere = ["client_id", "redirect_uri", "resource", "scope"]
                .iter()
                .any(|other| body.all(other).any(|text| text.contains(value)));
            assert!(value.len() < 32 || elsewhere || !shown.contains(value), "{name} is printed");
        }
    }
    let client = client(request.client.client_id());
    let _ = request.client.check(client, policy(), NOW);
}

/// HTTP Basic.
pub fn basic_header(bytes: &[u8]) {
    if let Ok(presented) = PresentedClient::parse(Some(bytes), &Parameters::default()) {
        assert!(!presented.client_id().is_empty() && !presented.client_id().chars().any(char::is_control));
    }
}

/// A bearer token: in the header, in the form and in the URL.
pub fn bearer_header(bytes: &[u8]) {
    if let Ok(token) = bearer(Some(bytes), None, None) {
        assert!(!token.is_empty() && token.is_ascii() && !token.contains(' '));
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = bearer(None, Some(&text), None);
    assert!(bearer(Some(bytes), None, Some(&text)).is_err(), "two tokens are one too many");
}

/// What is registrable has one reading and no way to anybody else.
pub fn redirect_uri(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for kind in [ApplicationType::Web, ApplicationType::Native] {
        let Ok(registered) = RegisteredRedirectUri::register(text, kind) else { continue };
        assert_eq!(registered.as_str(), text);
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['#', '*']));
        let scheme = text.split(':').next().unwrap_or_default();
        assert!(
            text.starts_with("https://")
                || text.starts_with("http://127.0.0.1")
                || text.starts_with("http://[::1]")
                || (kind == ApplicationType::Native && scheme.contains('.')),
            "{text}"
        );
        assert!(RegisteredRedirectUri::register(text, kind).is_ok());
    }
}

/// The claims parameter, and a person's claims chosen by it.
pub fn claims(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(request) = ClaimsRequest::parse(text) else { return };
    let stored = serde_json::to_string(&request).expect("a request is JSON");
    let back: ClaimsRequest = serde_json::from_str(&stored).expect("its own form");
    // A number of a hundred digits may come back as its neighbour. All that is decided by the request stays.
    assert_eq!(back.names(), request.names());
    assert_eq!(back.is_empty(), request.is_empty());
    for text in ["u_ada", "", "x"] {
        assert_eq!(back.admits(text), request.admits(text));
        assert_eq!(back.essential_acr_excludes(text), request.essential_acr_excludes(text));
    }
    let person = r#"{"sub":"u_bob","iss":"x","acr":"x","nonce":"x","name":"Ada","email":"a@example.com"}"#;
    let told = request.for_userinfo(person, &ScopeSet::EMPTY);
    assert!(told.keys().chain(request.for_id_token(person).keys()).all(|name| name == "name" || name == "email"));
}

/// Nothing verifies but what the committed keys signed, and only as what it was signed to be.
pub fn jwt(bytes: &[u8]) {
    let Ok(token) = std::str::from_utf8(bytes) else { return };
    let _ = ClaimedClient::read(token);
    let expect = |issuer, audience| Expectation::new(issuer, audience, &Algorithm::ALL, NOW);
    let access = jose::verify::<AccessToken>(token, keys(), &expect(ISSUER, ExpectedAudience::Contains(&[API])));
    let id_token = jose::verify::<IdToken>(token, keys(), &expect(ISSUER, ExpectedAudience::Contains(&["robot"])));
    let assertion =
        jose::verify::<ClientAssertion>(token, keys(), &expect("keyed", ExpectedAudience::SoleString(&[ISSUER])));
    let kinds = [access.is_ok(), id_token.is_ok(), assertion.is_ok()].into_iter().filter(|ok| *ok).count();
    assert!(kinds <= 1, "one token, one meaning");
    if kinds == 1 {
        let seeds = include_str!("signed_seeds.txt");
        assert!(seeds.lines().any(|seed| seed == token), "a forgery: {token}");
    }
}

/// A key set holds public keys only and reads the same when it is written again.
pub fn jwk_set(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(set) = JwkSet::parse(text) else { return };
    let written = serde_json::to_string(&set).expect("a set is JSON");
    assert_eq!(JwkSet::parse(&written).expect("its own form"), set);
    let written: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    for key in written["keys"].as_array().expect("a list") {
        assert!(["d", "p", "q", "dp", "dq", "qi", "k"].iter().all(|private| key.get(private).is_none()));
    }
}

/// What is registered keeps the rules, whatever the metadata says, and survives the store.
pub fn client_metadata(bytes: &[u8]) {
    let Ok(metadata) = serde_json::from_slice::<ClientMetadata>(bytes) else { return };
    let Ok(client) = RegisteredClient::register(metadata, "made-up", policy(), NOW) else { return };
    use protocol::registration::{GrantType, PkceDemand, RefreshPolicy};
    if client.is_public() {
        assert!(!client.allows(GrantType::ClientCredentials) && !client.may_remember_consent());
        assert!(client.pkce() == PkceDemand::Required && client.refresh_policy() != RefreshPolicy::Reuse);
    }
    assert!(!client.id().starts_with("u_"));
    let stored = serde_json::to_string(&client.to_stored()).expect("a client is JSON");
    let back =
        RegisteredClient::from_stored(serde_json::from_str(&stored).expect("its own form")).expect("allowed before");
    assert_eq!(serde_json::to_string(&back.to_stored()).expect("JSON"), stored);
}

/// Handles and ids have one spelling.
pub fn handle(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(id) = Id::parse(text) {
        assert_eq!(id.to_string(), text);
    }
    let kinds = [
        HandleKind::AccessToken,
        HandleKind::Browser,
        HandleKind::ClientSecret,
        HandleKind::Code,
        HandleKind::RefreshToken,
        HandleKind::Session,
    ];
    let read = kinds.into_iter().filter_map(|kind| PresentedHandle::parse(kind, text)).collect::<Vec<_>>();
    assert!(read.len() <= 1, "one handle, one kind");
    for handle in read {
        assert!(text.starts_with(&format!("{}{}.", handle.kind().prefix(), handle.id())));
    }
}

/// A scope is a set of tokens and is written as it is read.
pub fn scope(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(scope) = ScopeSet::parse(text) else { return };
    assert_eq!(ScopeSet::parse(scope.as_str()).as_ref(), Some(&scope));
    assert!(scope.as_str().len() <= text.len());
    assert_eq!(scope.union(&scope), scope);
}

/// A client believes no document of another issuer, and no endpoint without TLS.
pub fn server_metadata(bytes: &[u8]) {
    let Ok(metadata) = ServerMetadata::parse(bytes, ISSUER) else { return };
    assert_eq!(metadata.issuer(), ISSUER);
    for endpoint in [metadata.authorization_endpoint(), metadata.token_endpoint(), metadata.jwks_uri()] {
        // Whatever spelling of the scheme: a client parses the address before it connects.
        assert!(endpoint.to_ascii_lowercase().starts_with("https://"), "{endpoint}");
    }
}

/// A client takes no response but its own.
pub fn callback(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let document = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "jwks_uri": "https://as.example/jwks",
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    let server = ServerMetadata::parse(document.to_string().as_bytes(), ISSUER).expect("an honest document");
    let client = ClientIdentity::native("app");
    let start = AuthorizationStart::new(Arc::new(server), Arc::new(client), "http://127.0.0.1:4000/cb");
    let (_, pending) = start.begin(&StartRandom([7; 96]), NOW).expect("an honest start");
    let state = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    if pending.accept(query, NOW).is_ok() {
        assert!(query.contains(state) && query.contains("iss="), "{query}");
    }
}

/// A resource server lets nobody in by an answer that is not about an active token for it.
pub fn introspection_answer(bytes: &[u8]) {
    let rule = TokenRule::new(ISSUER, API).expect("an honest rule");
    for status in [200, 401] {
        if let Ok(access) = rule.check_introspection(status, bytes, NOW) {
            assert!(status == 200 && access.expires_at() > NOW);
        }
    }
}
