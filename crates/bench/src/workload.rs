//! What is measured.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A kind of request under load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Client credentials with client_secret_post, answered with a JWT: one signature
    ClientCredentials,
    /// Rotation of a refresh token with scope openid, durable: two signatures
    Refresh,
    /// Redemption of a code with scope openid, durable: two signatures
    Code,
    /// Introspection of an opaque token, by a resource server
    Introspect,
    /// Authorization request of a person who is signed in and allowed it before: a code, durable
    Authorize,
    /// Userinfo with a JWT, whose signature is verified
    Userinfo,
}

impl Workload {
    /// Its name on the command line and in the answers.
    pub fn name(self) -> &'static str {
        match self {
            Workload::ClientCredentials => "client-credentials",
            Workload::Refresh => "refresh",
            Workload::Code => "code",
            Workload::Introspect => "introspect",
            Workload::Authorize => "authorize",
            Workload::Userinfo => "userinfo",
        }
    }

    /// The ratio to reach, where one is set.
    pub fn target(self) -> Option<f64> {
        match self {
            Workload::ClientCredentials => Some(0.70),
            Workload::Refresh | Workload::Code => Some(0.50),
            Workload::Introspect => Some(0.80),
            Workload::Authorize | Workload::Userinfo => None,
        }
    }
}
