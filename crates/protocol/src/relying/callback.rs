//! The authorization response: one record is spent on it, whatever it says.

use std::sync::Arc;

use jose::{JoseError, Seconds, Secret, UnixTime, constant_time_eq};
use thiserror::Error;

use super::{
    ClientIdentity, ExpectedTokens, FormRequest, IssParameter, Moment, ServerError, ServerMetadata,
    form::{self, FormFault},
};
use crate::signal::Signal;

/// How long a person may take to sign in.
const PENDING_LIFE: Seconds = Seconds(15 * 60);

/// One authorization request that waits for its response: issuer, state, nonce, verifier and redirect URI as one record.
///
/// Not `Clone`, and [`accept`](Self::accept) takes it by value: a response is accepted once, or never.
#[derive(Debug)]
pub struct PendingAuthorization {
    pub(super) server: Arc<ServerMetadata>,
    pub(super) client: Arc<ClientIdentity>,
    pub(super) redirect_uri: String,
    pub(super) state: Secret<String>,
    pub(super) nonce: Option<Secret<String>>,
    pub(super) verifier: Secret<String>,
    pub(super) scope: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) max_age: Option<Seconds>,
    pub(super) started: UnixTime,
}

/// Why a callback was refused. The transaction is over and no token endpoint was contacted.
///
/// No variant carries a code: whoever logs it leaks nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackError {
    /// The server answered with an error, e.g. because the person said no.
    #[error("the authorization server answered: {0}")]
    Denied(ServerError),
    /// `iss` names another issuer than the one this request went to: a mix-up attack, or a broken server.
    #[error("the response comes from another issuer than the request went to (RFC 9207 section 2.4)")]
    IssuerMismatch,
    /// The query is not a form, or is oversized.
    #[error("the response is not a readable query (RFC 6749 section 4.1.2)")]
    Malformed,
    /// The server announced `iss` in every response and this one has none.
    #[error("the response has no iss although the server announced it (RFC 9207 section 2.4)")]
    MissingIssuer,
    /// Neither a code nor an error, or both.
    #[error("the response must have either code or error (RFC 6749 section 4.1.2)")]
    NotOneOutcome,
    /// A parameter occurs twice.
    #[error("a parameter of the response occurs twice (RFC 6749 section 3.1)")]
    RepeatedParameter,
    /// `state` is absent or not the one of this browser's request: somebody else's response.
    #[error("state is not the one of this request (RFC 6749 section 10.12)")]
    StateMismatch,
    /// More than 15 minutes went by since the request.
    #[error("the response came too late; start again")]
    TooLate,
    /// A token came through the browser, which was not asked for.
    #[error("the response carries a token although only a code was asked for (RFC 9700 section 2.1.2)")]
    UnaskedToken,
}

impl CallbackError {
    /// The ledger's signal for an attack that this refusal shows, if any.
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::IssuerMismatch | Self::MissingIssuer => Some(Signal::UpstreamIssuerMismatch),
            _ => None,
        }
    }
}

impl PendingAuthorization {
    /// Whether this query answers this request, by `state` alone. Spends nothing.
    ///
    /// For listeners that must ignore stray requests instead of losing the transaction to them.
    pub fn is_answered_by(&self, query: &str) -> bool {
        form::parse(query).is_ok_and(|pairs| self.state_fits(get(&pairs, "state")))
    }

    /// Checks the callback's raw query (without `?`; for form_post: the body) and yields the code to redeem.
    pub fn accept(self, query: &str, now: UnixTime) -> Result<CodeExchange, CallbackError> {
        let pairs = form::parse(query).map_err(|fault| match fault {
            FormFault::Repeated => CallbackError::RepeatedParameter,
            FormFault::Encoding | FormFault::TooLarge => CallbackError::Malformed,
        })?;
        // First of all, so that nobody else's response gets any further. The record came from the browser session, so a
        // fitting state proves that this browser started this request.
        // defends: csrf-on-redirect-uri, cross-app-request-forgery, user-session-impersonation
        if !self.state_fits(get(&pairs, "state")) {
            return Err(CallbackError::StateMismatch);
        }
        // Before the code is looked at, errors included: the code of an honest server must not reach the token endpoint of
        // another.  defends: mix-up, cuckoos-token  https://www.rfc-editor.org/rfc/rfc9207#section-2.4
        match (get(&pairs, "iss"), self.server.iss_parameter()) {
            (Some(iss), _) if iss != self.server.issuer() => return Err(CallbackError::IssuerMismatch),
            (None, IssParameter::Announced) => return Err(CallbackError::MissingIssuer),
            _ => {}
        }
        // defends: response-mode-switching, id-token-injection
        if ["access_token", "id_token", "response"].iter().any(|name| get(&pairs, name).is_some()) {
            return Err(CallbackError::UnaskedToken);
        }
        if now.saturating_since(self.started) > PENDING_LIFE {
            return Err(CallbackError::TooLate);
        }
        match (get(&pairs, "code"), get(&pairs, "error")) {
            (Some(code), None) => Ok(CodeExchange { code: Secret::new(code.to_owned()), pending: self }),
            (None, Some(error)) => {
                Err(CallbackError::Denied(ServerError::new(error, get(&pairs, "error_description"))))
            }
            _ => Err(CallbackError::NotOneOutcome),
        }
    }

    /// The redirect URI of this request.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn state_fits(&self, state: Option<&str>) -> bool {
        state.is_some_and(|state| constant_time_eq(state.as_bytes(), self.state.expose().as_bytes()))
    }
}

fn get<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A code whose callback passed every check, with the record it belongs to. Redeem it at once: it lives for a minute.
#[derive(Debug)]
pub struct CodeExchange {
    code: Secret<String>,
    pending: PendingAuthorization,
}

impl CodeExchange {
    /// The token request (RFC 6749 section 4.1.3), to the token endpoint of the issuer that the browser was sent to.
    ///
    /// Spends the exchange: a code is sent at most once. A second try would look like a replay and end the grant.
    ///
    /// Fails only when the library cannot sign a client assertion.
    // defends: dos-manufactured-codes (state and iss are checked, and one callback costs at most one request)
    pub fn token_request(self, moment: Moment) -> Result<(FormRequest, ExpectedTokens), JoseError> {
        let PendingAuthorization { server, client, redirect_uri, nonce, verifier, scope, resources, max_age, .. } =
            self.pending;
        let mut request = FormRequest::new(server.token_endpoint())
            .public("grant_type", "authorization_code")
            .secret("code", &self.code)
            .public("redirect_uri", &redirect_uri)
            // defends: code-injection  https://www.rfc-editor.org/rfc/rfc7636#section-4.5
            .secret("code_verifier", &verifier);
        for resource in &resources {
            request = request.public("resource", resource);
        }
        let request = request.authenticated(&client, server.issuer(), moment)?;
        let expected = ExpectedTokens::for_code(server, client, scope, resources, nonce, max_age, moment.now);
        Ok((request, expected))
    }
}
