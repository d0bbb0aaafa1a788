//! Client metadata as it is written, and the words in it.

use std::fmt;

use jose::Algorithm;
use serde::{Deserialize, Serialize};

use crate::scope::ScopeSet;

/// What is wrong with client metadata: the member, the rule, nothing of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataError {
    member: &'static str,
    why: &'static str,
}

impl MetadataError {
    pub(crate) fn new(member: &'static str, why: &'static str) -> MetadataError {
        MetadataError { member, why }
    }

    /// The metadata member, in RFC 7591's spelling.
    pub fn member(&self) -> &'static str {
        self.member
    }

    /// RFC 7591 section 3.2.2: redirect URIs have an error value of their own.
    pub fn code(&self) -> &'static str {
        if self.member == "redirect_uris" { "invalid_redirect_uri" } else { "invalid_client_metadata" }
    }
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.member, self.why)
    }
}

impl std::error::Error for MetadataError {}

macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $wire:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $wire)] $variant),+ }
        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The word on the wire.
            pub fn as_str(self) -> &'static str { match self { $($name::$variant => $wire),+ } }
            /// Reads the word; nothing but an exact match counts.
            pub fn parse(text: &str) -> Option<$name> { match text { $($wire => Some($name::$variant),)+ _ => None } }
        }
    };
}

wire_enum! {
    /// Where a client runs (OpenID Connect Registration section 2).
    ApplicationType {
        /// An app on the person's device.
        Native = "native",
        /// A program on a web server, or in a browser.
        Web = "web",
    }
}
wire_enum! {
    /// How a client authenticates at the token endpoint (RFC 7591 section 2).
    ClientAuthMethod {
        /// A secret in the Authorization header.
        ClientSecretBasic = "client_secret_basic",
        /// A secret in the body.
        ClientSecretPost = "client_secret_post",
        /// Not at all: a public client.
        None = "none",
        /// A signed assertion (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
    }
}
wire_enum! {
    /// The grant types that this server knows.
    GrantType {
        /// RFC 6749 section 4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 section 4.4.
        ClientCredentials = "client_credentials",
        /// RFC 6749 section 6.
        RefreshToken = "refresh_token",
    }
}
wire_enum! {
    /// What happens to a refresh token when it is used.
    RefreshPolicy {
        /// No refresh token is issued.
        None = "none",
        /// The same token stays valid: for confidential clients that cannot keep up with rotation.
        Reuse = "reuse",
        /// Each use gives a new one and spends the old.
        Rotate = "rotate",
    }
}

/// Client metadata as an operator writes it: RFC 7591 section 2, OpenID Connect Registration section 2, and ours.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientMetadata {
    /// Chosen by the operator; made up when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Shown to people. At most 120 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// `web` (the default) or `native`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<ApplicationType>,
    /// Where answers may go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// `authorization_code` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<GrantType>>,
    /// `code` when left out; nothing else exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_types: Option<Vec<String>>,
    /// The scopes that the client may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// `client_secret_basic` when left out, `none` for native clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<ClientAuthMethod>,
    /// Public keys of the client, for `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Kept, not shown: pages load nothing foreign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Who answers for the client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Algorithm of ID tokens; the server's own when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// Seconds after which a person must sign in again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Whether ID tokens always carry `auth_time`. They do anyhow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_auth_time: Option<bool>,
    /// Ours: resource indicators that the client may ask for. All of the server's when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// Ours: the client is a resource server and may introspect tokens for these resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub introspect_resources: Vec<String>,
    /// Ours: `rotate` (the default), `reuse` (confidential clients only) or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_policy: Option<RefreshPolicy>,
    /// Ours: seconds that access tokens live; at most 3600.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<u32>,
    /// Ours: whether consent may be remembered. True for confidential clients when left out; public clients always ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remember_consent: Option<bool>,
    /// Ours: whether the operator answers for the client's people. True when left out; false for third parties: then an
    /// error that comes before the person has acted is shown on a page instead of being sent on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vouched_for: Option<bool>,
    /// Ours: DANGER. A confidential client may leave out PKCE; then `nonce` is required. Lost: the server itself no
    /// longer notices a stolen code that is injected into the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub danger_allow_missing_pkce: Option<bool>,
    /// Ours: DANGER. Client assertions may name the token endpoint's URL as audience. Lost: protection against another
    /// server that collects assertions to replay them here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub danger_accept_endpoint_audience: Option<bool>,
}
