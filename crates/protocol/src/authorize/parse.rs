//! First stop: bytes to parameters. Nothing is believed yet, so whatever is wrong ends on a page.

use std::sync::Arc;

use crate::authorize::bind::BoundAuthorizationRequest;
use crate::redirect_uri::VerifiedRedirect;
use crate::registration::RegisteredClient;
use crate::rules::{Refusal, Rule};
use crate::wire::parameters::Parameters;

/// A refusal that no redirect may carry: it holds no URI, so nothing can be sent anywhere.
#[derive(Debug)]
pub struct PageRejection(pub Refusal);

/// Parameters that nobody has checked.
#[derive(Debug)]
pub struct UnverifiedAuthorizationRequest {
    parameters: Parameters,
}

impl UnverifiedAuthorizationRequest {
    /// Reads the query of a GET or the form of a POST.
    pub fn parse(bytes: &[u8]) -> Result<UnverifiedAuthorizationRequest, PageRejection> {
        let parameters = Parameters::parse(bytes).map_err(PageRejection)?;
        parameters.require("client_id").map_err(PageRejection)?;
        Ok(UnverifiedAuthorizationRequest { parameters })
    }

    /// Whom the request names: the client to load.
    pub fn client_id(&self) -> &str {
        self.parameters.get("client_id").unwrap_or_default()
    }

    /// Ties the request to the client it names, and to one of that client's redirect URIs.
    ///
    /// `client` is what the store has under [`Self::client_id`]. From here on errors may travel; before, never:
    /// a redirect to an unverified address would make this server anybody's redirector (RFC 9700 section 4.11.2).
    pub fn bind(self, client: Option<Arc<RegisteredClient>>) -> Result<BoundAuthorizationRequest, PageRejection> {
        let page = |rule: Rule| PageRejection(rule.refuse());
        // defends: as-open-redirector, malicious-client-obtains-authorization
        let client =
            client.filter(|client| client.id() == self.client_id()).ok_or_else(|| page(Rule::ClientUnknown))?;
        // defends: locked-account-token-issuance
        if client.is_disabled() {
            return Err(page(Rule::ClientDisabled));
        }
        if client.redirect_uris.is_empty() {
            return Err(page(Rule::RedirectUriNone));
        }
        let presented = self.parameters.get("redirect_uri");
        if presented.is_none() && (self.parameters.asks_for_openid() || client.redirect_uris.len() > 1) {
            return Err(PageRejection(Rule::ParameterMissing.on("redirect_uri")));
        }
        let redirect = VerifiedRedirect::verify(&client.redirect_uris, presented, client.application_type())
            .ok_or_else(|| {
                PageRejection(Rule::RedirectUriUnregistered.refuse().noting(format!("client {}", client.id())))
            })?;
        Ok(BoundAuthorizationRequest::new(client, redirect, self.parameters))
    }
}
