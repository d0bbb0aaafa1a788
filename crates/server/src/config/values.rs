//! Values of the configuration that are more than a number: each is checked as it is read.

use super::bounds::{FIX, HOUR, Span};
use super::issuer::is_loopback;
use crate::edge::logging::OURS;
use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, collections::BTreeMap, fmt};
use url::Url;

/// A signature algorithm of JOSE that a key of ours can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)] // the names are the specification's
pub enum Algorithm {
    ES256,
    ES384,
    EdDSA,
    PS256,
    RS256,
}

impl Algorithm {
    /// The name as it stands in a JOSE header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::ES256 => "ES256",
            Algorithm::ES384 => "ES384",
            Algorithm::EdDSA => "EdDSA",
            Algorithm::PS256 => "PS256",
            Algorithm::RS256 => "RS256",
        }
    }
}

/// A network of trusted proxies, `10.1.0.0/16` or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Network(IpNet);

impl Network {
    /// The network.
    #[must_use]
    pub fn get(self) -> IpNet {
        self.0
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
            .map_err(|_| {
                de::Error::custom(format!(
                    "is not a network{FIX}write an address or a CIDR network: \"10.1.2.3\", \"10.1.0.0/16\", \"fd00::/48\""
                ))
            })?;
        // defends: forwarded-header-forgery  a network this wide holds strangers, and each could claim any address.
        let widest = if network.addr().is_ipv4() { 8 } else { 16 };
        if network.prefix_len() < widest {
            return Err(de::Error::custom(format!(
                "is so wide that strangers are in it, who could then claim any address{FIX}name the proxies' own \
                 addresses, at most a /{widest}"
            )));
        }
        Ok(Self(network.trunc()))
    }
}

/// What to log, checked as it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LogFilter(String);

impl LogFilter {
    /// The directives, `info` or `info,server=debug`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl<'de> Deserialize<'de> for LogFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = |level: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&level);
        let good = text.split(',').all(|directive| match directive.split_once('=') {
            Some((target, level)) => {
                let part = target.split("::").next().unwrap_or_default();
                OURS.contains(&part) && known(level)
            }
            None => known(directive),
        });
        if !good {
            return Err(de::Error::custom(format!(
                "is not a log level{FIX}write error, warn, info, debug or trace, and parts of Safeconduct on their own: \
                 \"info,server::edge=debug\""
            )));
        }
        Ok(Self(text))
    }
}

/// A scope: a `scope-token` of RFC 6749 section 3.3, at most 128 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ScopeName(String);

impl ScopeName {
    /// Reads a scope; `None` when it is empty, too long or has characters that a scope cannot have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=128).contains(&text.len());
        // https://www.rfc-editor.org/rfc/rfc6749#section-3.3
        let chars = text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        (fits && chars).then(|| Self(text.to_owned()))
    }

    /// The scope.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ScopeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "is not a scope{FIX}use 1 to 128 printable ASCII characters without space, quote and backslash, like \
                 \"mail:read\" (RFC 6749 section 3.3)"
            ))
        })
    }
}

/// A resource indicator (RFC 8707 section 2): an absolute URI without fragment, by which clients ask for tokens and
/// which stands in `aud`. Compared byte by byte, so only its normal form is taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ResourceIdentifier(String);

impl ResourceIdentifier {
    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ResourceIdentifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = |problem: &str| de::Error::custom(format!("{problem}{FIX}write it like https://api.example.org"));
        let url = Url::parse(&text).map_err(|_| wrong("is not an absolute URI"))?;
        if text.len() > 512 || text.contains('#') || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("is longer than 512 characters, or has a fragment or a user name"));
        }
        if url.as_str() != text && url.as_str().strip_suffix('/') != Some(text.as_str()) {
            return Err(wrong("is not in its normal form (lower case, no default port, no dot segments)"));
        }
        match url.scheme() {
            "https" | "urn" => Ok(Self(text)),
            "http" if is_loopback(&url) => Ok(Self(text)),
            // An API in the clear gives its tokens to everyone on the way.
            "http" => Err(wrong("is plain http on a host that is not loopback")),
            _ => Err(wrong("has a scheme other than https and urn")),
        }
    }
}

/// A text that people read: 1 to 200 characters, none of them a control or a direction mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hostile = |c: char| {
            c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if text.trim().is_empty() || text.chars().count() > 200 || text.chars().any(hostile) {
            return Err(de::Error::custom(format!(
                "is empty, longer than 200 characters or has control characters{FIX}write one line of plain words"
            )));
        }
        Ok(Self(text))
    }
}

/// How a resource's access tokens look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenFormat {
    /// A JWT (RFC 9068): the API checks it alone, and it cannot be called back before it expires.
    #[default]
    Jwt,
    /// A random value: the API asks at the introspection endpoint, and an ended grant ends it at once.
    Opaque,
}

/// An API that takes our access tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The API's URI, by which clients ask for it and which stands in `aud` of its tokens.
    pub identifier: ResourceIdentifier,
    /// The API's name on the consent page.
    pub name: Text,
    /// `jwt`: the API checks tokens alone. `opaque`: the API asks here, and an ended grant ends its tokens at once.
    #[serde(default)]
    pub token_format: TokenFormat,
    /// The algorithm that signs this API's JWTs, one of `keys.algorithms`; the first of them when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_alg: Option<Algorithm>,
    /// Life of this API's access tokens; `lifetimes.access_token` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<Span<300, 30, HOUR>>,
    /// What clients may ask for at this API, `[resource.scopes."mail:read"]`. No two resources share a scope.
    #[serde(default)]
    pub scopes: BTreeMap<ScopeName, Scope>,
}

/// One scope of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// What a client with this scope may do, in words a person understands, to go on after "This will let it".
    pub description: Text,
    /// The same in German.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_de: Option<Text>,
    /// Marks the scope on the consent page as one to think about.
    #[serde(default)]
    pub sensitive: bool,
}

/// Schemas of the string types above.
macro_rules! string_schema {
    ($($type:ident $(, $key:literal : $value:expr)* ;)*) => { $(
        impl JsonSchema for $type {
            fn inline_schema() -> bool { true }
            fn schema_name() -> Cow<'static, str> { stringify!($type).into() }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string" $(, $key: $value)* })
            }
        }
    )* };
}

string_schema! {
    LogFilter;
    Network;
    ResourceIdentifier, "format": "uri", "maxLength": 512;
    ScopeName, "pattern": "^[!#-\\[\\]-~]{1,128}$";
    Text, "minLength": 1, "maxLength": 200;
}
