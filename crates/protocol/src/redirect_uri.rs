//! Redirect URIs: what may be registered, and what a request may name.
//!
//! Registration takes a URI apart once and accepts only what has a single reading; a request is compared by bytes.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::registration::{ApplicationType, MetadataError};

const MAX_LENGTH: usize = 2048;

/// Parameters of an authorization response. In a registered query they would collide with ours.
const RESPONSE_PARAMETERS: [&str; 10] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "access_token",
    "id_token",
    "token_type",
    "response",
];

/// A redirect URI that was accepted at registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegisteredRedirectUri(String);

impl RegisteredRedirectUri {
    /// Accepts `text` for a client of the given type, or names the rule it breaks.
    pub fn register(text: &str, application_type: ApplicationType) -> Result<RegisteredRedirectUri, MetadataError> {
        let refuse = |why: &'static str| Err(MetadataError::new("redirect_uris", why));
        if text.len() > MAX_LENGTH {
            return refuse("is longer than 2048 bytes");
        }
        // One spelling only: whatever a parser would rewrite could be read in two ways.
        // defends: redirect-uri-parser-confusion, redirect-uri-homograph
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return refuse("may hold visible ASCII only; write host names as A-labels");
        }
        let Ok(url) = Url::parse(text) else { return refuse("is not an absolute URI") };
        if url.as_str() != text && !(url.path() == "/" && url.as_str().strip_suffix('/') == Some(text)) {
            return refuse(
                "is not in its normal form (case of scheme and host, default port, dot segments, backslashes)",
            );
        }
        if url.fragment().is_some() {
            return refuse("must not have a fragment (RFC 6749 section 3.1.2)");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must not hold a user name or password");
        }
        if text.contains('*') {
            return refuse("must not hold a wildcard: nothing is matched by pattern");
        }
        // defends: redirect-uri-parameter-pollution
        if url.query_pairs().any(|(name, _)| RESPONSE_PARAMETERS.contains(&name.as_ref())) {
            return refuse("must not hold a parameter of the authorization response in its query");
        }
        match url.scheme() {
            "https" if url.host().is_some() => {}
            "http" if is_loopback(&url) => {}
            "http" => return refuse("may use http only with 127.0.0.1 or [::1] (RFC 8252 section 7.3)"),
            // A period makes a name that somebody owns; it also keeps javascript:, data: and the like out.
            // defends: redirect-uri-dangerous-scheme
            scheme if application_type == ApplicationType::Native && scheme.contains('.') => {}
            _ if application_type == ApplicationType::Native => {
                return refuse(
                    "needs https, a loopback http address, or a private-use scheme with a period (RFC 8252 section 7.1)",
                );
            }
            _ => return refuse("needs https, or http on a loopback address"),
        }
        Ok(RegisteredRedirectUri(text.to_owned()))
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request may name `presented` for this registration.
    fn admits(&self, presented: &str, application_type: ApplicationType) -> bool {
        // Bytes, not meanings.  https://www.rfc-editor.org/rfc/rfc9700#section-2.1
        // defends: redirect-uri-pattern-match, open-redirector-on-client, as-open-redirector
        if self.0 == presented {
            return true;
        }
        application_type == ApplicationType::Native
            && match (Loopback::split(&self.0), Loopback::split(presented)) {
                // defends: loopback-redirect-abuse
                (Some(registered), Some(presented)) => registered == presented,
                _ => false,
            }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(ip)) => ip == std::net::Ipv6Addr::LOCALHOST,
        _ => false,
    }
}

/// A loopback redirect URI without its port: what has to be equal while the port may vary (RFC 8252 section 7.3).
#[derive(PartialEq, Eq)]
struct Loopback<'a> {
    host: &'a str,
    rest: &'a str,
}

impl<'a> Loopback<'a> {
    fn split(uri: &'a str) -> Option<Loopback<'a>> {
        let after = uri.strip_prefix("http://")?;
        let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| after.starts_with(host))?;
        let (host, after) = after.split_at(host.len());
        let rest = match after.strip_prefix(':') {
            Some(with_port) => {
                let digits = with_port.bytes().take_while(u8::is_ascii_digit).count();
                let port = &with_port[..digits];
                if port.starts_with('0') || !port.parse::<u16>().is_ok_and(|port| port > 0) {
                    return None;
                }
                &with_port[digits..]
            }
            None => after,
        };
        (rest.is_empty() || rest.starts_with('/') || rest.starts_with('?')).then_some(Loopback { host, rest })
    }
}

/// A redirect URI that this very client registered. Only with it can anything be sent through the browser.
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedRedirect {
    uri: String,
    proof: RedirectProof,
    mention: Mention,
}

/// Whether the request said where the answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mention {
    /// It named the URI.
    Explicit,
    /// It named none, and the client has one only.
    Implied,
}

/// How well a redirect URI proves who stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectProof {
    /// An https host, which belongs to somebody.
    Https,
    /// A program on this machine; which one, nobody can say.
    Loopback,
    /// A scheme that any app on the device could claim.
    PrivateUse,
}

impl VerifiedRedirect {
    /// Finds the registered URI that admits `presented`; with one registered, it may be left out outside OpenID Connect.
    pub(crate) fn verify(
        registered: &[RegisteredRedirectUri],
        presented: Option<&str>,
        application_type: ApplicationType,
    ) -> Option<VerifiedRedirect> {
        let uri = match (presented, registered) {
            (Some(presented), _) => {
                registered.iter().find(|uri| uri.admits(presented, application_type)).map(|_| presented)
            }
            (None, [only]) => Some(only.as_str()),
            (None, _) => None,
        }?;
        let proof = if uri.starts_with("https://") {
            RedirectProof::Https
        } else if uri.starts_with("http://") {
            RedirectProof::Loopback
        } else {
            RedirectProof::PrivateUse
        };
        let mention = if presented.is_some() { Mention::Explicit } else { Mention::Implied };
        Some(VerifiedRedirect { uri: uri.to_owned(), proof, mention })
    }

    /// The URI if the request named it: then the token request has to name it again (RFC 6749 section 4.1.3).
    pub fn named(&self) -> Option<&str> {
        (self.mention == Mention::Explicit).then_some(self.uri.as_str())
    }

    /// The URI, as the request named it or as it is registered.
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// What its form proves.
    pub fn proof(&self) -> RedirectProof {
        self.proof
    }
}

impl fmt::Display for VerifiedRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri)
    }
}

/// A redirect that may be followed without asking the person: somebody vouches for the client, or the person has seen
/// where it leads. RFC 9700 section 4.11.2: registered is not trusted.
#[derive(Debug)]
pub struct TrustedRedirect {
    redirect: VerifiedRedirect,
}

impl TrustedRedirect {
    pub(crate) fn assertion(redirect: VerifiedRedirect) -> TrustedRedirect {
        TrustedRedirect { redirect }
    }

    /// Where to.
    pub fn redirect(&self) -> &VerifiedRedirect {
        &self.redirect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native(uri: &str) -> Result<RegisteredRedirectUri, MetadataError> {
        RegisteredRedirectUri::register(uri, ApplicationType::Native)
    }

    fn matches(registered: &str, presented: &str, kind: ApplicationType) -> bool {
        let registered = [RegisteredRedirectUri::register(registered, kind).expect("registrable")];
        VerifiedRedirect::verify(&registered, Some(presented), kind).is_some()
    }

    #[test]
    fn redirect_uri_dangerous_scheme_is_not_registrable() {
        for uri in [
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "myapp:/cb",
            "about:blank",
            "http://app.example/cb",
            "http://localhost/cb",
            "http://127.0.0.2/cb",
            "ftp://a.example/",
        ] {
            assert!(native(uri).is_err(), "{uri}");
        }
        assert!(native("com.example.app:/cb").is_ok());
        assert!(RegisteredRedirectUri::register("com.example.app:/cb", ApplicationType::Web).is_err());
    }

    #[test]
    fn redirect_uri_parser_confusion_and_pollution_are_not_registrable() {
        for uri in [
            "https://a.example/../cb",
            "https://A.example/cb",
            "https://a.example:443/cb",
            "https://a.example\\@evil.example/cb",
            "https://u@a.example/cb",
            "https://a.example/cb#f",
            "https://a.example/*",
            "https://a.example/cb?code=1",
            "https://a.example/cb?x=1&state=2",
            "//a.example/cb",
            "https://bücher.example/cb",
            "https:a.example/cb",
            "",
        ] {
            assert!(native(uri).is_err(), "{uri}");
        }
        assert!(native("https://a.example").is_ok() && native("https://a.example/cb?x=1").is_ok());
    }

    #[test]
    fn redirect_uri_pattern_match_is_by_bytes() {
        let registered = "https://a.example/cb?x=1";
        assert!(matches(registered, registered, ApplicationType::Web));
        for presented in [
            "https://a.example/cb",
            "https://a.example/cb?x=1&y=2",
            "https://a.example/cb?x=1#",
            "https://a.example/cb/?x=1",
            "https://a.example/CB?x=1",
            "https://a.example/%63b?x=1",
            "https://a.example:443/cb?x=1",
            "HTTPS://a.example/cb?x=1",
            "https://a.example.evil.example/cb?x=1",
            "https://a.example/cb?x=1%20",
            "",
        ] {
            assert!(!matches(registered, presented, ApplicationType::Web), "{presented}");
        }
    }

    #[test]
    fn loopback_redirect_abuse_only_the_port_may_vary_and_only_for_native() {
        let registered = "http://127.0.0.1/cb";
        assert!(matches(registered, "http://127.0.0.1:51004/cb", ApplicationType::Native));
        assert!(matches("http://[::1]:1/cb", "http://[::1]:2/cb", ApplicationType::Native));
        assert!(!matches("http://127.0.0.1:8/cb", "http://127.0.0.1:51004/cb", ApplicationType::Web));
        for presented in [
            "http://127.0.0.1:51004/other",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:080/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1:8a/cb",
            "http://[::1]:9/cb",
            "http://localhost:9/cb",
            "https://127.0.0.1:9/cb",
            "http://127.1:9/cb",
        ] {
            assert!(!matches(registered, presented, ApplicationType::Native), "{presented}");
        }
    }
}
