//! Authorization responses on their way through the browser (RFC 6749 section 4.1.2, RFC 9207, form_post).

use std::fmt;

use crate::redirect_uri::TrustedRedirect;
use crate::registration::ClientAuthMethod;
use crate::rules::Refusal;

/// How the response travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// A page that posts the fields.
    FormPost,
    /// In the query of the redirect URI.
    Query,
}

impl ResponseMode {
    /// Every mode, for the metadata.
    pub const ALL: &'static [ResponseMode] = &[ResponseMode::Query, ResponseMode::FormPost];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ResponseMode::FormPost => "form_post",
            ResponseMode::Query => "query",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<ResponseMode> {
        ResponseMode::ALL.iter().copied().find(|mode| mode.as_str() == text)
    }
}

/// What the browser is to do: the only way out of the authorization endpoint.
#[derive(PartialEq, Eq)]
pub enum BrowserAnswer {
    /// Post these fields to `action` from a page.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Names and values.
        fields: Vec<(&'static str, String)>,
    },
    /// 303 to this location.
    Redirect(String),
}

/// Where to, and nothing of what: the answer carries a code.  defends: secrets-in-logs-and-errors
impl fmt::Debug for BrowserAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BrowserAnswer::FormPost { action, .. } => write!(f, "FormPost({action})"),
            BrowserAnswer::Redirect(location) => {
                write!(f, "Redirect({})", location.split(['?', '#']).next().unwrap_or_default())
            }
        }
    }
}

/// Sends `fields` to the client, `iss` among them, whatever the answer is.
pub(crate) fn send(
    redirect: &TrustedRedirect,
    mode: ResponseMode,
    issuer: &str,
    state: Option<String>,
    mut fields: Vec<(&'static str, String)>,
) -> BrowserAnswer {
    if let Some(state) = state {
        fields.push(("state", state));
    }
    // In every answer, errors too.  https://www.rfc-editor.org/rfc/rfc9207#section-2  defends: mix-up
    fields.push(("iss", issuer.to_owned()));
    let uri = redirect.redirect().as_str();
    match mode {
        ResponseMode::FormPost => BrowserAnswer::FormPost { action: uri.to_owned(), fields },
        ResponseMode::Query => {
            let mut location = String::with_capacity(uri.len() + 256);
            location.push_str(uri);
            location.push(if uri.contains('?') { '&' } else { '?' });
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&fields);
            location.push_str(&query.finish());
            // An empty fragment keeps the browser from carrying an older one along.  defends: fragment-reattachment
            location.push('#');
            BrowserAnswer::Redirect(location)
        }
    }
}

/// The fields of an error.
pub(crate) fn error_fields(refusal: &Refusal) -> Vec<(&'static str, String)> {
    vec![("error", refusal.code().as_str().to_owned()), ("error_description", refusal.wire_text().as_str().to_owned())]
}

/// Words for the metadata.
pub(crate) fn auth_methods() -> Vec<&'static str> {
    ClientAuthMethod::ALL.iter().map(|method| method.as_str()).collect()
}
