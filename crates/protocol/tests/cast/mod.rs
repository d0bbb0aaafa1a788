//! The cast of the protocol's tests: one server, some clients, one person, and a ledger on paper.
//!
//! Nothing here decides anything about OAuth. [`Desk`] does what the server's endpoints do, stop by stop, and [`Paper`]
//! does what the store's ledger does, in a map.

#![allow(dead_code, reason = "each test binary uses a part of the cast")]

mod clients;
mod desk;
mod keys;
mod paper;

#[allow(unused_imports, reason = "each test binary uses a part of the cast")]
pub use clients::*;
#[allow(unused_imports, reason = "each test binary uses a part of the cast")]
pub use desk::*;
#[allow(unused_imports, reason = "each test binary uses a part of the cast")]
pub use keys::*;
#[allow(unused_imports, reason = "each test binary uses a part of the cast")]
pub use paper::*;

use jose::{Algorithm, UnixTime};
use protocol::handle::{Draw, Id};
use protocol::oidc::{ACR_PASSWORD, AMR_PASSWORD};
use protocol::policy::{Lifetimes, Policy, ResourceServer, ScopeDescription, TokenFormat};
use protocol::record::{Authentication, Owner, OwnerStatus, ParkedRecord, SessionRecord};

/// The server.
pub const ISSUER: &str = "https://as.example";
/// An API whose tokens are JWTs: `mail:read`, `mail:send`.
pub const MAIL: &str = "https://mail.example";
/// An API whose tokens are opaque: `cal:read`.
pub const CALENDAR: &str = "https://calendar.example";
/// When every story begins.
pub const NOW: UnixTime = UnixTime(1_900_000_000);
/// The person.
pub const ADA: &str = "u_ada";
/// The honest client's verifier.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The attacker's verifier, for flows of his own.
pub const MALLORYS_VERIFIER: &str = "mallory-mallory-mallory-mallory-mallory-mallory";

/// The S256 challenge of a verifier.
pub fn challenge(verifier: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()))
}

/// What the operator decided.
pub fn policy() -> Policy {
    let scope = |value: &str| ScopeDescription {
        value: value.to_owned(),
        words: vec![("en".to_owned(), format!("Use {value}"))],
        sensitive: false,
    };
    let resource = |identifier: &str, token_format, scopes: &[&str]| ResourceServer {
        identifier: identifier.to_owned(),
        name: identifier.to_owned(),
        token_format,
        signing_alg: Algorithm::Es256,
        access_token_lifetime: None,
        scopes: scopes.iter().map(|value| scope(value)).collect(),
    };
    Policy {
        issuer: ISSUER.to_owned(),
        lifetimes: Lifetimes::default(),
        signing_alg: jose::Algorithm::Es256,
        resources: vec![
            resource(MAIL, TokenFormat::Jwt, &["mail:read", "mail:send"]),
            resource(CALENDAR, TokenFormat::Opaque, &["cal:read"]),
        ],
    }
}

/// Ada's session; she typed her password a minute ago.
pub fn session() -> SessionRecord {
    session_of(ADA, NOW - jose::Seconds(60))
}

/// A session of `subject`, who signed in at `time`.
pub fn session_of(subject: &str, time: UnixTime) -> SessionRecord {
    let id = id_at(time, 1);
    SessionRecord {
        id,
        hash: protocol::handle::SecretHash([7; 32]),
        subject: subject.to_owned(),
        username: "ada".to_owned(),
        authentication: Authentication {
            time,
            acr: ACR_PASSWORD.to_owned(),
            amr: vec![AMR_PASSWORD.to_owned()],
            session: id,
        },
        expires: NOW + jose::Seconds(86_400),
    }
}

/// A request that has waited since `created`.
pub fn parked(created: UnixTime) -> ParkedRecord {
    ParkedRecord {
        id: id_at(created, 0),
        browser: protocol::handle::SecretHash([8; 32]),
        parameters: String::new(),
        created,
        expires: created + jose::Seconds(900),
    }
}

/// An id of this second, before or after others of it.
fn id_at(time: UnixTime, order: u64) -> Id {
    Id(2 * u64::try_from(time.0).expect("after 1970") + order)
}

/// Ada's account.
pub fn ada() -> Owner {
    Owner {
        subject: ADA.to_owned(),
        status: OwnerStatus::Active,
        claims: r#"{"name":"Ada","email":"ada@example.com","email_verified":true}"#.to_owned(),
    }
}

/// Randomness that is the same every time: ids rise by one, no two secrets are equal.
#[derive(Debug)]
pub struct Counter(pub u64);

impl Draw for Counter {
    fn id(&mut self) -> Id {
        self.0 += 1;
        Id(self.0)
    }

    fn secret(&mut self) -> [u8; 32] {
        self.0 += 1;
        jose::sha256(&self.0.to_be_bytes())
    }
}

/// Renders parameters as a form.
pub fn form<N: AsRef<str>, V: AsRef<str>>(parameters: &[(N, V)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// Parameters that a test bends.
#[derive(Clone, Debug, Default)]
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// These parameters.
    pub fn of(pairs: &[(&str, &str)]) -> Form {
        Form(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// With this parameter, in place of any of that name.
    pub fn with(self, name: &str, value: &str) -> Form {
        self.without(name).and(name, value)
    }

    /// With one more parameter, whatever there is already.
    pub fn and(mut self, name: &str, value: &str) -> Form {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without this parameter.
    pub fn without(mut self, name: &str) -> Form {
        self.0.retain(|(have, _)| have != name);
        self
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str()).expect("the test put it there")
    }

    /// As it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        form(&self.0).into_bytes()
    }
}
