//! How a client proves who it is at the back-channel endpoints (RFC 6749 section 2.3, RFC 7523).

mod assertion;
mod basic;

use std::sync::Arc;

use jose::{Secret, UnixTime};

use crate::handle::{HandleKind, PresentedHandle};
use crate::policy::Policy;
use crate::proofs::FirstUse;
use crate::registration::{ClientAuthMethod, RegisteredClient};
use crate::rules::{Refusal, Rule};
use crate::wire::parameters::Parameters;

pub use assertion::{AssertionId, VerifiedAssertion};

/// Credentials as presented: one method, not yet checked. Holds no secret, only its hash.
#[derive(Debug)]
pub struct PresentedClient {
    client_id: String,
    credential: Credential,
}

#[derive(Debug)]
enum Credential {
    Assertion(Secret<String>),
    Nothing,
    /// `None`: it is not even of our secrets' form. Checked all the same, so that it fails like any wrong one.
    Secret(ClientAuthMethod, Option<PresentedHandle>),
}

impl PresentedClient {
    /// Finds the one method by which a request authenticates. More than one is an error, none is an error.
    pub fn parse(authorization: Option<&[u8]>, parameters: &Parameters) -> Result<PresentedClient, Refusal> {
        let id = parameters.get("client_id");
        let secret = parameters.get("client_secret");
        let assertion = parameters.get("client_assertion");
        // "The client MUST NOT use more than one authentication method in each request."
        // https://www.rfc-editor.org/rfc/rfc6749#section-2.3  defends: client-auth-downgrade
        if [authorization.is_some(), secret.is_some(), assertion.is_some()].into_iter().filter(|have| *have).count() > 1
        {
            return Err(Rule::ClientAuthMultiple.refuse());
        }
        if let Some(header) = authorization {
            let (client_id, secret) = basic::parse(header).ok_or_else(|| Rule::BasicMalformed.refuse())?;
            if id.is_some_and(|id| id != client_id) {
                return Err(Rule::ClientAuthMultiple.refuse());
            }
            let handle = PresentedHandle::parse(HandleKind::ClientSecret, &secret);
            return Ok(PresentedClient {
                client_id,
                credential: Credential::Secret(ClientAuthMethod::ClientSecretBasic, handle),
            });
        }
        if let Some(secret) = secret {
            let client_id = parameters.require("client_id")?.to_owned();
            let handle = PresentedHandle::parse(HandleKind::ClientSecret, secret);
            return Ok(PresentedClient {
                client_id,
                credential: Credential::Secret(ClientAuthMethod::ClientSecretPost, handle),
            });
        }
        if let Some(token) = assertion {
            if parameters.get("client_assertion_type") != Some(assertion::TYPE) {
                return Err(Rule::AssertionType.refuse());
            }
            let claimed = jose::ClaimedClient::read(token)
                .map_err(|err| Rule::AssertionInvalid.refuse().noting(err.to_string()))?;
            let client_id = claimed.sub().to_owned();
            if id.is_some_and(|id| id != client_id) {
                return Err(Rule::AssertionInvalid.refuse().noting("client_id is not the subject"));
            }
            return Ok(PresentedClient { client_id, credential: Credential::Assertion(Secret::new(token.to_owned())) });
        }
        // Whoever asks must say who he is, even a public client.  defends: code-client-mismatch
        match id {
            Some(id) => Ok(PresentedClient { client_id: id.to_owned(), credential: Credential::Nothing }),
            None => Err(Rule::ClientAuthMissing.refuse()),
        }
    }

    /// The client to load. A claim, not a fact.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Checks the credential against the client it claims.
    ///
    /// `client` is what the store has under [`Self::client_id`]. An assertion is not finished here: its id still has to be
    /// seen for the first time, which only the ledger can tell.
    pub fn check(
        self,
        client: Option<Arc<RegisteredClient>>,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<CheckedClient, Refusal> {
        let Some(client) = client.filter(|client| client.id() == self.client_id) else {
            return Err(Rule::ClientSecretUnknownClient.refuse());
        };
        let refuse = |rule: Rule| Err(rule.refuse().noting(format!("client {}", client.id())));
        let used = match &self.credential {
            Credential::Assertion(_) => ClientAuthMethod::PrivateKeyJwt,
            Credential::Nothing => ClientAuthMethod::None,
            Credential::Secret(method, _) => *method,
        };
        // Exactly the registered method: a weaker one would be the one that gets attacked.  defends: client-auth-downgrade
        if used != client.auth_method() {
            return match (used, client.auth_method()) {
                (ClientAuthMethod::None, _) => refuse(Rule::ClientAuthMissing),
                _ => refuse(Rule::ClientAuthMethodMismatch),
            };
        }
        let checked = match self.credential {
            Credential::Nothing => CheckedClient::Authenticated(AuthenticatedClient { client: client.clone() }),
            Credential::Secret(_, handle) => {
                secret(&client, handle, now)?;
                CheckedClient::Authenticated(AuthenticatedClient { client: client.clone() })
            }
            Credential::Assertion(token) => {
                CheckedClient::OnFirstUse(VerifiedAssertion::verify(token.expose(), client.clone(), policy, now)?)
            }
        };
        // After the credential: only who holds it learns that the client is off.  defends: locked-account-token-issuance
        if client.is_disabled() {
            return refuse(Rule::ClientAuthDisabled);
        }
        Ok(checked)
    }
}

fn secret(client: &RegisteredClient, presented: Option<PresentedHandle>, now: UnixTime) -> Result<(), Refusal> {
    let wrong = || Rule::ClientSecretWrong.refuse().noting(format!("client {}", client.id()));
    let presented = presented.ok_or_else(wrong)?;
    // defends: client-secret-guessing
    let record =
        client.secrets.iter().find(|record| record.id == presented.id() && record.hash.matches(presented.hash()));
    match record {
        None => Err(wrong()),
        Some(record) if record.expires.is_some_and(|end| end <= now) => {
            Err(Rule::ClientSecretExpired.refuse().noting(format!("client {}", client.id())))
        }
        Some(_) => Ok(()),
    }
}

/// A client whose credential is right, as far as that can be told without the ledger.
#[derive(Debug)]
pub enum CheckedClient {
    /// Nothing is left to check.
    Authenticated(AuthenticatedClient),
    /// An assertion that counts only if its id was never seen.
    OnFirstUse(VerifiedAssertion),
}

/// A client that proved who it is; a public one has at least said so.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient {
    client: Arc<RegisteredClient>,
}

impl AuthenticatedClient {
    /// A right assertion, used for the first time.
    pub fn from_first_use(assertion: FirstUse<VerifiedAssertion>) -> AuthenticatedClient {
        AuthenticatedClient { client: assertion.into_inner().into_client() }
    }

    /// The client.
    pub fn client(&self) -> &RegisteredClient {
        &self.client
    }
}
