//! What must hold before a code is worth anything. The order is part of the defence.

use jose::UnixTime;

use crate::handle::PresentedHandle;
use crate::record::{CodeState, EndReason, PeekedCode};
use crate::registration::RegisteredClient;
use crate::rules::{Refusal, Rule};
use crate::token::{Consequence, GrantRefusal};

/// What a token request brings along.
pub(super) struct Attempt<'a> {
    pub presented: &'a PresentedHandle,
    pub redirect_uri: Option<&'a str>,
    pub verifier: Option<&'a str>,
}

impl Attempt<'_> {
    /// Gives the code back when everything fits; else a refusal, and what the ledger has to do because of it.
    pub(super) fn check(
        &self,
        client: &RegisteredClient,
        peeked: PeekedCode,
        now: UnixTime,
    ) -> Result<PeekedCode, GrantRefusal> {
        let note = |rule: Rule| rule.refuse().noting(format!("client {}, grant {}", client.id(), peeked.grant.id));
        // defends: code-online-guessing, stateless-code-forgery
        if !peeked.code.hash.matches(self.presented.hash()) {
            return Err(Rule::CodeUnknown.refuse().into());
        }
        // Compared before anything is spent: otherwise any registered client could burn a code it only saw in a log.
        // https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3  defends: code-client-mismatch, code-phishing
        if peeked.grant.client_id != client.id() {
            let refusal = Rule::CodeForeign.refuse();
            return Err(refusal
                .noting(format!("client {} presented a code of {}", client.id(), peeked.grant.client_id))
                .into());
        }
        // defends: revocation-incomplete
        if peeked.grant.ended.is_some() {
            return Err(note(Rule::CodeGrantEnded).into());
        }
        let proofs = self.proofs(client, &peeked);
        match peeked.code.state {
            CodeState::Burned => Err(note(Rule::CodeBurned).into()),
            // Someone holds code and proofs beside the client: what the first use gave is no longer safe.
            // https://www.rfc-editor.org/rfc/rfc9700#section-4.2.4  defends: code-replay
            CodeState::Spent if proofs.is_ok() => Err(GrantRefusal::with(
                note(Rule::CodeReplayed),
                Consequence::EndGrant(peeked.grant.id, EndReason::CodeReplayed),
            )),
            // Without the proofs a stranger could end the grant by a code from a log.  defends: dos-lockout-abuse
            CodeState::Spent => Err(note(Rule::CodeUnknown).into()),
            CodeState::Active => {
                // defends: code-eavesdropping-leak
                if peeked.code.expires <= now {
                    return Err(note(Rule::CodeExpired).into());
                }
                // A wrong proof from the right client is injection at work: the code is burned.  defends: code-injection
                proofs.map_err(|refusal| {
                    let refusal = refusal.noting(format!("client {}, grant {}", client.id(), peeked.grant.id));
                    GrantRefusal::with(refusal, Consequence::BurnCode(peeked.code.id))
                })?;
                crate::token::owner_in_use(&peeked.owner, peeked.grant.id)?;
                Ok(peeked)
            }
        }
    }

    fn proofs(&self, client: &RegisteredClient, peeked: &PeekedCode) -> Result<(), Refusal> {
        // defends: pkce-downgrade, code-injection, user-session-impersonation, csrf-on-redirect-uri, cross-app-request-forgery
        // defends: custom-scheme-hijack
        match (&peeked.code.challenge, self.verifier) {
            (None, None) => {}
            (None, Some(_)) => return Err(Rule::PkceVerifierUnexpected.refuse()),
            (Some(_), None) => return Err(Rule::PkceVerifierMissing.refuse()),
            (Some(challenge), Some(verifier)) => {
                if !verifier_matches(challenge, verifier) {
                    return Err(Rule::PkceMismatch.refuse());
                }
            }
        }
        // decision: the redirect URI is compared here too, though PKCE has made it a second line.
        // https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3  defends: code-leak-counterfeit-client
        let same = match (peeked.code.redirect_uri.as_str(), self.redirect_uri) {
            // The authorization request named none. Naming the registered one now is no contradiction.
            ("", None) => true,
            ("", Some(now)) => client.redirect_uris.iter().any(|registered| registered.as_str() == now),
            (then, now) => now == Some(then),
        };
        if same { Ok(()) } else { Err(Rule::CodeRedirectMismatch.refuse()) }
    }
}

fn verifier_matches(challenge: &str, verifier: &str) -> bool {
    // https://www.rfc-editor.org/rfc/rfc7636#section-4.1  defends: pkce-weak-or-reused-challenge
    let form = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
    let hashed = data_encoding::BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()));
    form && jose::constant_time_eq(hashed.as_bytes(), challenge.as_bytes())
}
