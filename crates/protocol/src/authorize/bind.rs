//! Second stop: the request belongs to a client and to a redirect URI of that client.

use std::sync::Arc;

use crate::redirect_uri::{TrustedRedirect, VerifiedRedirect};
use crate::registration::RegisteredClient;
use crate::rules::Refusal;
use crate::wire::parameters::Parameters;
use crate::wire::response::ResponseMode;

/// A request of a known client, with a redirect URI that this client registered.
#[derive(Debug)]
pub struct BoundAuthorizationRequest {
    pub(super) client: Arc<RegisteredClient>,
    pub(super) redirect: VerifiedRedirect,
    pub(super) parameters: Parameters,
}

impl BoundAuthorizationRequest {
    pub(super) fn new(client: Arc<RegisteredClient>, redirect: VerifiedRedirect, parameters: Parameters) -> Self {
        BoundAuthorizationRequest { client, redirect, parameters }
    }

    /// The client.
    pub fn client(&self) -> &RegisteredClient {
        &self.client
    }

    pub(super) fn reject(self, refusal: Refusal) -> RedirectRejection {
        // An answer in a mode that we do not support would have to be guessed: the query is the default.
        let mode = self.parameters.get("response_mode").and_then(ResponseMode::parse).unwrap_or(ResponseMode::Query);
        let state = self.parameters.get("state").map(str::to_owned);
        RedirectRejection { refusal, client: self.client, redirect: self.redirect, mode, state }
    }
}

/// A refusal that may go to the client, if its redirect is trusted.
#[derive(Debug)]
pub struct RedirectRejection {
    pub(super) refusal: Refusal,
    pub(super) client: Arc<RegisteredClient>,
    pub(super) redirect: VerifiedRedirect,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

impl RedirectRejection {
    /// What is wrong.
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// The client that asked.
    pub fn client(&self) -> &RegisteredClient {
        &self.client
    }

    /// Where the answer would go.
    pub fn redirect(&self) -> &VerifiedRedirect {
        &self.redirect
    }

    /// Whether the redirect may be followed before the person has acted: the operator vouches for the client.
    ///
    /// `Err` gives the rejection back: show a page that names the target and let the person decide.
    pub fn trust_by_vouching(self) -> Result<TrustedRejection, RedirectRejection> {
        // A registered client may still be a phisher that wants errors to carry people to its page.
        // https://www.rfc-editor.org/rfc/rfc9700#section-4.11.2  defends: as-redirect-to-phishing-client
        if self.client.is_vouched_for() { Ok(self.trusted()) } else { Err(self) }
    }

    /// The person has signed in and seen the target, and now says no or cannot go on.
    pub(super) fn trusted(self) -> TrustedRejection {
        TrustedRejection {
            refusal: self.refusal,
            redirect: TrustedRedirect::assertion(self.redirect),
            mode: self.mode,
            state: self.state,
        }
    }

    /// The same, for a page with a button: only the person's own press follows the link it yields.
    pub fn behind_a_button(self) -> TrustedRejection {
        self.trusted()
    }
}

/// A refusal on a redirect that may be followed.
#[derive(Debug)]
pub struct TrustedRejection {
    pub(super) refusal: Refusal,
    pub(super) redirect: TrustedRedirect,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}
