//! Where an authorization request ends, and what stands there.

use url::Url;

use crate::http::Answer;
use crate::params::Params;
use crate::verdict::Stop;

/// How the answer reached the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In the query of a redirect.
    Query,
    /// In the fragment of a redirect.
    Fragment,
    /// In a form that posts itself.
    FormPost,
}

/// The page on which a request stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It asks for consent.
    Consent,
    /// It asks for a password.
    SignIn,
    /// An error, or something that no person would get on with.
    Other,
}

/// The end of an authorization request.
#[derive(Debug, Clone)]
pub enum Landing {
    /// The browser is sent away from the server.
    Away {
        /// Where to, whole.
        url: Url,
        /// Whether that is the client's registered redirect URI.
        registered: bool,
        /// How the parameters were carried.
        mode: Mode,
        /// Parameters of the answer.
        params: Params,
        /// The HTTP answer that sends it away.
        answer: Answer,
    },
    /// The browser stays on a page of the server.
    Page {
        /// Which page.
        stopped: Stopped,
        /// Its address.
        url: Url,
        /// The page.
        answer: Answer,
        /// Why the person did not get on.
        reason: String,
    },
}

impl Landing {
    /// The browser is sent away by a redirect: the answer is in the fragment if that holds one, else in the query.
    #[must_use]
    pub fn redirect(url: Url, registered: bool, answer: Answer) -> Self {
        let fragment = url.fragment().map(Params::parse).unwrap_or_default();
        let carries = |params: &Params| {
            ["code", "access_token", "id_token", "error", "response"].iter().any(|name| params.get(name).is_some())
        };
        let (mode, params) = if carries(&fragment) {
            (Mode::Fragment, fragment)
        } else {
            (Mode::Query, url.query().map(Params::parse).unwrap_or_default())
        };
        Self::Away { url, registered, mode, params, answer }
    }

    /// The words that case files use: `code`, `token`, `error:…`, `elsewhere`, `page`, `consent-page`, `sign-in-page`,
    /// `trouble` (a server error), `empty` (back at the client with neither code nor error).
    #[must_use]
    pub fn outcome(&self) -> String {
        match self {
            Self::Away { registered: false, .. } => "elsewhere".into(),
            Self::Away { params, .. } => {
                if params.get("access_token").is_some() || params.get("id_token").is_some() {
                    "token".into()
                } else if params.get("code").is_some() {
                    "code".into()
                } else if let Some(error) = params.get("error") {
                    format!("error:{error}")
                } else {
                    "empty".into()
                }
            }
            Self::Page { answer, .. } if answer.status >= 500 || answer.status == 429 => "trouble".into(),
            Self::Page { stopped: Stopped::Consent, .. } => "consent-page".into(),
            Self::Page { stopped: Stopped::SignIn, .. } => "sign-in-page".into(),
            Self::Page { .. } => "page".into(),
        }
    }

    /// One parameter of the answer.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        match self {
            Self::Away { params, .. } => params.get(name),
            Self::Page { .. } => None,
        }
    }

    /// The address on which it ended.
    #[must_use]
    pub fn url(&self) -> &Url {
        match self {
            Self::Away { url, .. } | Self::Page { url, .. } => url,
        }
    }

    /// The last HTTP answer.
    #[must_use]
    pub fn answer(&self) -> &Answer {
        match self {
            Self::Away { answer, .. } | Self::Page { answer, .. } => answer,
        }
    }

    /// The code of an honest request: the control of most cases.
    ///
    /// # Errors
    /// Inconclusive, with what came instead.
    pub fn code(&self) -> Result<&str, Stop> {
        match (self.outcome().as_str(), self.param("code")) {
            ("code", Some(code)) => Ok(code),
            _ => Err(Stop::inconclusive(format!(
                "the honest authorization request got no code, but {}",
                self.describe()
            ))),
        }
    }

    /// In words, for verdicts. Holds no secret.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Away { url, registered, .. } => {
                let place = &url[..url::Position::AfterPath];
                let whose = if *registered { "the client's redirect URI" } else { "a place that is not registered" };
                format!("{} at {whose} ({place})", self.outcome())
            }
            Self::Page { answer, reason, .. } => format!("{} (status {}: {reason})", self.outcome(), answer.status),
        }
    }
}

/// Whether an address is written in the one way that leaves nothing to a parser: dot segments, capitals in the host, a
/// backslash or an odd port would reach the same place by being tidied up.
#[must_use]
pub fn is_plain(written: &str, url: &Url) -> bool {
    let address = |text: &str| text[..text.find(['?', '#']).unwrap_or(text.len())].to_owned();
    let (written, tidy) = (address(written), address(url.as_str()));
    // The path of a bare origin may be left out; and a relative address is the server's own.
    written == tidy || format!("{written}/") == tidy || !written.contains(':')
}

/// Whether the browser was sent to the client: scheme, host, port and path are those of the registered URI, and the query
/// begins with its query. A loopback address may have any port (RFC 8252 section 7.3).
#[must_use]
pub fn is_registered(landed: &Url, registered: &Url) -> bool {
    let any_port =
        registered.scheme() == "http" && crate::http::jar::is_loopback(registered) && registered.port().is_none();
    landed.scheme() == registered.scheme()
        && landed.host() == registered.host()
        && (any_port || landed.port_or_known_default() == registered.port_or_known_default())
        && landed.path() == registered.path()
        && landed.username().is_empty()
        && landed.password().is_none()
        && registered.query().is_none_or(|query| landed.query().is_some_and(|found| found.starts_with(query)))
}
