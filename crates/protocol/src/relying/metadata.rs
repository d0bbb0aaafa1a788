//! The metadata document of an authorization server (RFC 8414, OpenID Connect Discovery 1.0).

use serde::Deserialize;
use thiserror::Error;
use url::{Host, Url};

const MAX_DOCUMENT: usize = 64 * 1024;

/// What the client knows about one authorization server, all of it from one document whose issuer is the one asked for.
///
/// There is no way to set an endpoint by hand: a client that mixes discovered and hand-set endpoints sends its code to
/// whoever wrote the other half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    iss_parameter: IssParameter,
}

/// Whether the server announced `authorization_response_iss_parameter_supported` (RFC 9207 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssParameter {
    /// Every authorization response must carry `iss`.
    Announced,
    /// A response may come without `iss`; one that carries it is still compared.
    Unannounced,
}

/// Why a metadata document was refused. The flow must not start: every later check trusts these addresses.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataError {
    /// Too long, not JSON, or a member is missing, repeated or of the wrong type.
    #[error("the metadata document is not a JSON object with the required members (RFC 8414 section 2)")]
    Document,
    /// An address is not https (or http on a loopback literal), or has user information or a fragment.
    #[error("{0} is neither an https URL nor, for a loopback issuer, a loopback URL (RFC 8414 section 2)")]
    Endpoint(&'static str),
    /// The configured issuer itself is not a usable URL.
    #[error(
        "the issuer must be an https URL (or http on 127.0.0.1 or [::1]) without query and fragment (RFC 8414 section 2)"
    )]
    Issuer,
    /// The document names another issuer than the one asked for.
    #[error("the metadata document names another issuer than the one asked for (RFC 8414 section 3.3)")]
    IssuerMismatch,
    /// `code_challenge_methods_supported` does not list S256.
    #[error("the server does not announce PKCE with S256 (RFC 9700 section 2.1.1)")]
    NoS256,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl ServerMetadata {
    /// Where the document of this issuer lies: the RFC 8414 address first, then the one of OpenID Connect Discovery.
    pub fn well_known(issuer: &str) -> Result<[String; 2], MetadataError> {
        let url = issuer_url(issuer)?;
        let origin = url.origin().ascii_serialization();
        let path = url.path().trim_end_matches('/');
        Ok([
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
            format!("{origin}{path}/.well-known/openid-configuration"),
        ])
    }

    /// Reads a document that was fetched for the issuer `asked`.
    ///
    /// A wrong "ok" here would hand the code, the client secret and the keys for ID tokens to the writer of the document.
    pub fn parse(document: &[u8], asked: &str) -> Result<Self, MetadataError> {
        let secure = issuer_url(asked)?.scheme() == "https";
        if document.len() > MAX_DOCUMENT {
            return Err(MetadataError::Document);
        }
        let read: Document = serde_json::from_slice(document).map_err(|_| MetadataError::Document)?;
        // Bytes, not parsed URLs: two spellings of one host are two issuers to everybody else.
        // defends: metadata-impersonation  https://www.rfc-editor.org/rfc/rfc8414#section-3.3
        if read.issuer != asked {
            return Err(MetadataError::IssuerMismatch);
        }
        // Without the announcement nothing tells whether the server checks the verifier. Leaving it out must not switch
        // PKCE off, so the flow does not start.  defends: metadata-impersonation
        if !read.code_challenge_methods_supported.iter().any(|method| method == "S256") {
            return Err(MetadataError::NoS256);
        }
        for (name, address) in [
            ("authorization_endpoint", Some(&read.authorization_endpoint)),
            ("token_endpoint", Some(&read.token_endpoint)),
            ("jwks_uri", Some(&read.jwks_uri)),
            ("revocation_endpoint", read.revocation_endpoint.as_ref()),
            ("userinfo_endpoint", read.userinfo_endpoint.as_ref()),
        ] {
            if address.is_some_and(|address| !is_endpoint(address, secure)) {
                return Err(MetadataError::Endpoint(name));
            }
        }
        Ok(Self {
            issuer: read.issuer,
            authorization_endpoint: read.authorization_endpoint,
            token_endpoint: read.token_endpoint,
            jwks_uri: read.jwks_uri,
            revocation_endpoint: read.revocation_endpoint,
            userinfo_endpoint: read.userinfo_endpoint,
            iss_parameter: match read.authorization_response_iss_parameter_supported {
                true => IssParameter::Announced,
                false => IssParameter::Unannounced,
            },
        })
    }

    /// The issuer, byte for byte as it was asked for.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the browser is sent.
    pub fn authorization_endpoint(&self) -> &str {
        &self.authorization_endpoint
    }

    /// Where codes and refresh tokens are redeemed.
    pub fn token_endpoint(&self) -> &str {
        &self.token_endpoint
    }

    /// Where the keys for ID tokens lie.
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    /// Where tokens are revoked, if the server offers it (RFC 7009).
    pub fn revocation_endpoint(&self) -> Option<&str> {
        self.revocation_endpoint.as_deref()
    }

    /// Where claims about the user lie, if the server offers it.
    pub fn userinfo_endpoint(&self) -> Option<&str> {
        self.userinfo_endpoint.as_deref()
    }

    /// Whether every authorization response must carry `iss`.
    pub fn iss_parameter(&self) -> IssParameter {
        self.iss_parameter
    }
}

fn issuer_url(issuer: &str) -> Result<Url, MetadataError> {
    let url = Url::parse(issuer).map_err(|_| MetadataError::Issuer)?;
    let whole = url.query().is_none() && is_safe(&url, issuer);
    if whole { Ok(url) } else { Err(MetadataError::Issuer) }
}

fn is_endpoint(address: &str, issuer_is_https: bool) -> bool {
    // An https issuer that names an http endpoint would move secrets to a wire that anybody on the machine may hold.
    // defends: eavesdrop-token-response, client-credentials-in-clear
    Url::parse(address).is_ok_and(|url| is_safe(&url, address) && (url.scheme() == "https" || !issuer_is_https))
}

/// https, or http to a loopback literal; no user information, no fragment, nothing a browser would read differently.
pub(crate) fn is_safe(url: &Url, text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // The parser forgives https:host and https:///host; other readers see a path there.
    let written_out = text
        .split_once("://")
        .is_some_and(|(scheme, rest)| scheme.eq_ignore_ascii_case(url.scheme()) && !rest.starts_with('/'));
    plain
        && written_out
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && (url.scheme() == "https" || is_loopback(url))
}

/// http on `127.0.0.1` or `[::1]`. A name such as `localhost` may resolve elsewhere (RFC 8252 section 8.3).
pub(super) fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        }
}
