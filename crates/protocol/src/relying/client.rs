//! Who the client is, and how it proves that.

use std::sync::Arc;

use jose::{Secret, SigningKey};
use serde::Deserialize;
use thiserror::Error;

/// How the client authenticates at the token and revocation endpoints.
#[derive(Clone, Debug)]
pub enum ClientAuthentication {
    /// Public client: `client_id` alone. PKCE binds the code to it.
    None,
    /// A key of its own (RFC 7523). The best choice: no secret crosses the wire. Use one key per issuer.
    PrivateKeyJwt(Arc<SigningKey>),
    /// The secret in the `Authorization` header.
    SecretBasic(Secret<String>),
    /// The secret in the body, for servers that read it only there.
    SecretPost(Secret<String>),
}

/// A client as one authorization server knows it.
#[derive(Clone, Debug)]
pub struct ClientIdentity {
    client_id: String,
    kind: Kind,
    authentication: ClientAuthentication,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Native,
    Web,
}

/// Why a client information document was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientIdentityError {
    /// Not the JSON of a client information response.
    #[error("not a client information response (RFC 7591 section 3.2.1)")]
    Document,
    /// A native client was given a secret, which every installation would share and anybody could unpack.
    #[error(
        "a native client must not have a secret: register it with token_endpoint_auth_method none (RFC 8252 section 8.5)"
    )]
    NativeSecret,
    /// The registered authentication method is not one this kit speaks, or its secret is missing.
    #[error(
        "token_endpoint_auth_method must be none, client_secret_basic or client_secret_post, with client_secret where needed"
    )]
    Method,
}

#[derive(Deserialize)]
struct Information {
    client_id: String,
    client_secret: Option<String>,
    application_type: Option<String>,
    token_endpoint_auth_method: Option<String>,
}

impl ClientIdentity {
    /// An app on the user's device. It has no parameter for a secret: one that ships inside an app is public.
    // defends: obtain-client-secret (there is no way to give a native client a secret)
    pub fn native(client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), kind: Kind::Native, authentication: ClientAuthentication::None }
    }

    /// A client on a server. Read the secret or key from a key store, an owner-only file or the environment.
    pub fn web(client_id: impl Into<String>, authentication: ClientAuthentication) -> Self {
        Self { client_id: client_id.into(), kind: Kind::Web, authentication }
    }

    /// Reads a client information response (RFC 7591), as `safeconduct client add` prints it.
    pub fn from_information(json: &[u8]) -> Result<Self, ClientIdentityError> {
        let read: Information = serde_json::from_slice(json).map_err(|_| ClientIdentityError::Document)?;
        let secret = read.client_secret.map(Secret::new);
        if read.application_type.as_deref() == Some("native") {
            // defends: obtain-client-secret
            return match secret {
                None => Ok(Self::native(read.client_id)),
                Some(_) => Err(ClientIdentityError::NativeSecret),
            };
        }
        // client_secret_basic is the default of RFC 7591 section 2.
        let method = read.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic");
        let authentication = match (method, secret) {
            ("none", None) => ClientAuthentication::None,
            ("client_secret_basic", Some(secret)) => ClientAuthentication::SecretBasic(secret),
            ("client_secret_post", Some(secret)) => ClientAuthentication::SecretPost(secret),
            _ => return Err(ClientIdentityError::Method),
        };
        Ok(Self::web(read.client_id, authentication))
    }

    /// The identifier at the authorization server.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn authentication(&self) -> &ClientAuthentication {
        &self.authentication
    }

    pub(super) fn is_native(&self) -> bool {
        self.kind == Kind::Native
    }
}
