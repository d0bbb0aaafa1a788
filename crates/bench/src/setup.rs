//! What the serving child prepared and the loading child has to know.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// The API whose access tokens are JWTs.
pub const MAIL: &str = "https://mail.bench.example";
/// The API whose access tokens are opaque.
pub const NOTES: &str = "https://notes.bench.example";
/// Where the web client gets its codes.
pub const REDIRECT_URI: &str = "https://web.bench.example/callback";

/// Addresses and credentials.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setup {
    /// Where it answers. The `Host` header says the same.
    pub address: SocketAddr,
    /// Client credentials for the mail API.
    pub worker: Credentials,
    /// Codes and refresh tokens for both APIs.
    pub web: Credentials,
    /// The notes API itself, which introspects.
    pub notes: Credentials,
    /// A person.
    pub person: Credentials,
}

/// A name with its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credentials {
    /// `client_id` or username.
    pub name: String,
    /// `client_secret` or password.
    pub secret: String,
}
