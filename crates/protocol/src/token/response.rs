//! The token response (RFC 6749 section 5.1): signed only from what was committed.

use jose::{Algorithm, JoseError, Secret, SigningKey};
use serde::Serialize;

use crate::proofs::Committed;
use crate::token::access::AccessForm;
use crate::token::plan::IssuePlan;

/// Where the keys come from.
pub trait Signer {
    /// The key that signs with `algorithm` now. A key of another algorithm would be a wrong answer that every verifier
    /// refuses.
    fn key(&self, algorithm: Algorithm) -> Option<&SigningKey>;
}

/// The answer to a token request.
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    // Told even when it is empty: a client that hears nothing believes that it got what it asked for (RFC 6749 section 5.1).
    scope: String,
}

impl TokenResponse {
    /// Signs and renders. Takes the proof that the plan is on disk: no token without a spent grant.
    ///
    /// Errors when a key is missing or signing fails; the grant is spent by then, and a refresh can be asked again.
    pub fn sign(done: Committed<IssuePlan>, signer: &dyn Signer) -> Result<TokenResponse, JoseError> {
        let IssuePlan { refresh, access, id_token, .. } = done.into_inner();
        let expires_in = access.expires_in().0;
        let scope = access.record.scope.as_str().to_owned();
        let access_token = match access.form {
            AccessForm::Opaque(handle) => take(handle.into_value()),
            AccessForm::Jwt { claims, alg } => signer.key(alg).ok_or(JoseError::KeyNotFound)?.sign(&*claims)?,
        };
        let id_token = match id_token {
            None => None,
            Some(mut plan) => {
                let key = signer.key(plan.alg).ok_or(JoseError::KeyNotFound)?;
                // Ties the access token to the ID token beside it.  defends: access-token-injection
                plan.claims.at_hash = Some(jose::at_hash(plan.alg, &access_token));
                Some(key.sign(&plan.claims)?)
            }
        };
        let refresh_token = refresh.and_then(|plan| plan.handle).map(|handle| take(handle.into_value()));
        Ok(TokenResponse { access_token, token_type: "Bearer", expires_in, refresh_token, id_token, scope })
    }
}

fn take(value: Secret<String>) -> String {
    value.expose().clone()
}
