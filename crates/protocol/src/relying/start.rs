//! The authorization request: everything that must come back unchanged is drawn and recorded here.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use jose::{Seconds, Secret, UnixTime};
use thiserror::Error;
use url::Url;

use super::{ClientIdentity, PendingAuthorization, ServerMetadata, metadata};

/// 3 x 256 fresh random bits: for `state`, `nonce` and the PKCE verifier, one draw per transaction.
///
/// A predictable or repeated value lets an attacker forge the callback or redeem a code he only saw.
#[derive(Clone)]
pub struct StartRandom(pub [u8; 96]);

/// Builds one authorization request (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core section 3.1.2.1).
///
/// `response_type=code`, `state` and an S256 challenge are always there; nothing can switch them off.
#[derive(Debug)]
pub struct AuthorizationStart {
    server: Arc<ServerMetadata>,
    client: Arc<ClientIdentity>,
    redirect_uri: String,
    scope: Vec<String>,
    resources: Vec<String>,
    prompt: Option<String>,
    login_hint: Option<String>,
    acr_values: Option<String>,
    ui_locales: Option<String>,
    claims: Option<String>,
    max_age: Option<Seconds>,
}

/// Why an authorization request was not made.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartError {
    /// The redirect URI is not one a code may be sent to.
    #[error(
        "redirect_uri must be https, http on 127.0.0.1 or [::1], or for a native client a private-use scheme with a period, \
         without fragment (RFC 8252 sections 7 and 8)"
    )]
    RedirectUri,
    /// A resource indicator is not an absolute URL without fragment (RFC 8707 section 2).
    #[error("resource must be an https URL (or http on 127.0.0.1 or [::1]) without fragment (RFC 8707 section 2)")]
    Resource,
    /// A scope value holds a character that scopes cannot have.
    #[error("scope has a character that RFC 6749 section 3.3 does not allow")]
    Scope,
}

impl AuthorizationStart {
    /// A request of this client to this server, to be answered at `redirect_uri`, spelled as registered (for a loopback
    /// redirect: with the port in use).
    pub fn new(server: Arc<ServerMetadata>, client: Arc<ClientIdentity>, redirect_uri: impl Into<String>) -> Self {
        Self {
            server,
            client,
            redirect_uri: redirect_uri.into(),
            scope: Vec::new(),
            resources: Vec::new(),
            prompt: None,
            login_hint: None,
            acr_values: None,
            ui_locales: None,
            claims: None,
            max_age: None,
        }
    }

    /// Asks for these scopes, separated by spaces. `openid` among them makes this a login: an ID token is then required.
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = scope.split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
        self
    }

    /// Asks for a token for this resource (RFC 8707). The access token can then be sent to this origin and nowhere else.
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// `prompt`: `none`, `login`, `consent` or `select_account`.
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// `login_hint`: whom the client expects. The server may ignore it, so it proves nothing.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.login_hint = Some(hint.into());
        self
    }

    /// `acr_values`, best first. Compare [`super::Identity::acr`] afterwards: asking does not make it so.
    pub fn acr_values(mut self, values: impl Into<String>) -> Self {
        self.acr_values = Some(values.into());
        self
    }

    /// `ui_locales`, best first.
    pub fn ui_locales(mut self, locales: impl Into<String>) -> Self {
        self.ui_locales = Some(locales.into());
        self
    }

    /// The `claims` parameter, JSON text (OpenID Connect Core section 5.5).
    pub fn claims(mut self, json: impl Into<String>) -> Self {
        self.claims = Some(json.into());
        self
    }

    /// Demands a login at most this old. The ID token must then prove it by `auth_time`.
    pub fn max_age(mut self, age: Seconds) -> Self {
        self.max_age = Some(age);
        self
    }

    /// The URL for the browser, and the record to keep until the callback.
    ///
    /// Keep the record on the server side under the cookie of this very browser (or in this process, for an app). A record
    /// that any browser can reach makes `state` worthless: an attacker plants his own code in the victim's session.
    pub fn begin(self, random: &StartRandom, now: UnixTime) -> Result<(String, PendingAuthorization), StartError> {
        self.check()?;
        // 256 bits each, fresh for every transaction.  defends: pkce-weak-or-reused-challenge, csrf-on-redirect-uri
        let part = |index: usize| BASE64URL_NOPAD.encode(&random.0[index * 32..(index + 1) * 32]);
        let (state, nonce, verifier) = (part(0), part(1), Secret::new(part(2)));
        let is_login = self.scope.iter().any(|value| value == "openid");
        let url = self.url(&state, is_login.then_some(nonce.as_str()), verifier.expose());
        let pending = PendingAuthorization {
            server: self.server,
            client: self.client,
            redirect_uri: self.redirect_uri,
            state: Secret::new(state),
            nonce: is_login.then(|| Secret::new(nonce)),
            verifier,
            scope: self.scope,
            resources: self.resources,
            max_age: self.max_age,
            started: now,
        };
        Ok((url, pending))
    }

    fn check(&self) -> Result<(), StartError> {
        let redirect = Url::parse(&self.redirect_uri).map_err(|_| StartError::RedirectUri)?;
        // A private-use scheme without a period is a name every app may claim (RFC 8252 section 7.1).
        // defends: custom-scheme-hijack, code-eavesdropping-leak
        let private_use = self.client.is_native() && redirect.scheme().contains('.') && redirect.fragment().is_none();
        if !private_use && !metadata::is_safe(&redirect, &self.redirect_uri) {
            return Err(StartError::RedirectUri);
        }
        let absolute = |resource: &String| Url::parse(resource).is_ok_and(|url| metadata::is_safe(&url, resource));
        if !self.resources.iter().all(absolute) {
            return Err(StartError::Resource);
        }
        if self.scope.iter().all(|value| is_scope_value(value)) { Ok(()) } else { Err(StartError::Scope) }
    }

    fn url(&self, state: &str, nonce: Option<&str>, verifier: &str) -> String {
        // The only method there is: `plain` would put the verifier itself into the URL.
        // defends: pkce-plain-observed  https://www.rfc-editor.org/rfc/rfc7636#section-4.2
        let challenge = BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()));
        let scope = self.scope.join(" ");
        let max_age = self.max_age.map(|age| age.0.to_string());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client.client_id())
            .append_pair("redirect_uri", &self.redirect_uri);
        for (name, value) in [
            ("scope", Some(scope.as_str()).filter(|scope| !scope.is_empty())),
            ("state", Some(state)),
            ("nonce", nonce),
            ("code_challenge", Some(&challenge)),
            ("code_challenge_method", Some("S256")),
            ("prompt", self.prompt.as_deref()),
            ("max_age", max_age.as_deref()),
            ("login_hint", self.login_hint.as_deref()),
            ("acr_values", self.acr_values.as_deref()),
            ("ui_locales", self.ui_locales.as_deref()),
            ("claims", self.claims.as_deref()),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        for resource in &self.resources {
            query.append_pair("resource", resource);
        }
        let endpoint = self.server.authorization_endpoint();
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        format!("{endpoint}{joint}{}", query.finish())
    }
}

/// RFC 6749 section 3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
pub(crate) fn is_scope_value(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
