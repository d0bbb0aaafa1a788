//! The issuer: the one name this server has, and the root of every URL it makes.

use super::bounds::FIX;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt};
use url::{Host, Url};

/// An issuer identifier (RFC 8414 section 2): an `https` URL without query and fragment; `http` only on loopback.
///
/// It is compared byte by byte by every client, so it has one spelling: that of its parsed form, without a slash at the
/// end. Every URL of ours is made from it, never from what a request says about itself.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Issuer {
    text: String,
    #[serde(skip)]
    path_start: usize,
}

/// Why a text is not an issuer; [`fmt::Display`] tells the problem, [`IssuerError::fix`] what to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// Plain HTTP beyond this machine: anyone on the way reads codes and tokens.
    #[error("is plain http on a host that is not loopback")]
    Cleartext,
    /// Not in the form a URL parser would give back.
    #[error("is not in its normal form")]
    NotNormal,
    /// Not an absolute http or https URL with a host.
    #[error("is not an https URL")]
    NotUrl,
    /// Query or fragment, forbidden by RFC 8414 section 2.
    #[error("has a query or a fragment")]
    QueryOrFragment,
    /// A slash at the end would give two names for one server.
    #[error("ends in a slash")]
    TrailingSlash,
    /// User name or password inside the URL.
    #[error("holds a user name or password")]
    UserInfo,
}

impl IssuerError {
    /// What to write instead.
    #[must_use]
    pub fn fix(self) -> &'static str {
        match self {
            IssuerError::Cleartext => "use https://; http:// is for 127.0.0.1, [::1] and localhost only",
            IssuerError::NotNormal => {
                "write scheme and host in lower case, without default port, dot segments, double slashes or spaces, \
                 names in their xn-- form"
            }
            IssuerError::NotUrl => "write it like https://login.example.org",
            IssuerError::QueryOrFragment => "remove everything from ? or # on",
            IssuerError::TrailingSlash => "remove the slash at the end",
            IssuerError::UserInfo => "remove everything between // and @",
        }
    }
}

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// See [`IssuerError`].
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let url = Url::parse(text).map_err(|_| IssuerError::NotUrl)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(IssuerError::NotUrl);
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err(IssuerError::UserInfo);
        }
        if text.contains(['?', '#']) {
            return Err(IssuerError::QueryOrFragment);
        }
        if text.ends_with('/') {
            return Err(IssuerError::TrailingSlash);
        }
        // The parser gives a bare origin a slash; that slash is the one difference allowed.
        let normal = url.as_str().strip_suffix('/').unwrap_or(url.as_str());
        if normal != text || url.path().contains("//") {
            return Err(IssuerError::NotNormal);
        }
        // defends: eavesdrop-token-response  every endpoint of ours starts with this URL, so none is http beyond
        // loopback.  https://www.rfc-editor.org/rfc/rfc8414#section-2
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(IssuerError::Cleartext);
        }
        let path_start = url.origin().ascii_serialization().len();
        Ok(Self { text: text.to_owned(), path_start })
    }

    /// The issuer as it stands in metadata and in `iss`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port: `https://login.example.org`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.path_start]
    }

    /// Host and port as a `Host` header carries them: `login.example.org`, `127.0.0.1:8080`.
    #[must_use]
    pub fn authority(&self) -> &str {
        let after_scheme = self.text.find("//").map_or(0, |slashes| slashes + 2);
        &self.text[after_scheme..self.path_start]
    }

    /// The path, empty for a bare origin, else `/tenant` without a slash at the end.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.text[self.path_start..]
    }

    /// Whether clients reach this server over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// The URL of `path`, which starts with a slash, under this issuer.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // https://www.rfc-editor.org/rfc/rfc6761#section-6.3
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Issuer::parse(&text).map_err(|e| de::Error::custom(format!("{e}{FIX}{}", e.fix())))
    }
}

impl JsonSchema for Issuer {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Issuer".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uri" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_issuer() {
        let issuer = Issuer::parse("https://login.example.org:8443/tenant/a").expect("good");
        assert_eq!(issuer.origin(), "https://login.example.org:8443");
        assert_eq!(issuer.authority(), "login.example.org:8443");
        assert_eq!(issuer.path(), "/tenant/a");
        assert_eq!(issuer.join("/token"), "https://login.example.org:8443/tenant/a/token");
        let bare = Issuer::parse("http://127.0.0.1:8080").expect("good");
        assert_eq!((bare.path(), bare.authority(), bare.is_https()), ("", "127.0.0.1:8080", false));
        assert!(Issuer::parse("http://[::1]:8080").is_ok());
        assert!(Issuer::parse("http://localhost:8080").is_ok());
    }

    #[test]
    fn eavesdrop_token_response_an_issuer_in_the_clear_is_refused() {
        for text in ["http://login.example.org", "http://192.168.1.2:8080", "http://127.0.0.1.example.org"] {
            assert_eq!(Issuer::parse(text), Err(IssuerError::Cleartext), "{text}");
        }
    }

    #[test]
    fn one_spelling_only() {
        use IssuerError::{NotNormal, NotUrl, QueryOrFragment, TrailingSlash, UserInfo};
        for (text, error) in [
            ("https://login.example.org/", TrailingSlash),
            ("https://login.example.org/a/", TrailingSlash),
            ("HTTPS://login.example.org", NotNormal),
            ("https://Login.example.org", NotNormal),
            ("https://login.example.org:443", NotNormal),
            ("https://login.example.org/a/../b", NotNormal),
            ("https://login.example.org//b", NotNormal),
            (" https://login.example.org", NotNormal),
            ("https:\\\\login.example.org", NotNormal),
            ("https://bücher.example", NotNormal),
            ("https://login.example.org?a=b", QueryOrFragment),
            ("https://login.example.org#", QueryOrFragment),
            ("https://user:pw@login.example.org", UserInfo),
            ("https://@login.example.org", UserInfo),
            ("ftp://login.example.org", NotUrl),
            ("login.example.org", NotUrl),
            ("", NotUrl),
        ] {
            assert_eq!(Issuer::parse(text), Err(error), "{text}");
        }
    }
}
