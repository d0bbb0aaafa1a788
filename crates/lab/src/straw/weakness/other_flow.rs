//! What loose comparisons of verifiers have in common: the verifier of another flow of the same client is taken, too.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::backdoor::{Client, Straw, challenge_of};
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::redemption::Redemption;

/// Whether a client may use the verifier of another of its flows. The second says whether both are the same person's.
pub(super) type May = fn(&Client, bool) -> bool;

/// A server that takes the verifiers of other flows.
pub(super) struct OtherFlow {
    may: May,
    /// Client and subject of the flows, by challenge.
    flows: Mutex<HashMap<String, (String, String)>>,
}

impl OtherFlow {
    pub(super) fn new(may: May) -> OtherFlow {
        OtherFlow { may, flows: Mutex::default() }
    }

    fn flows(&self) -> MutexGuard<'_, HashMap<String, (String, String)>> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn takes(&self, redemption: &Redemption<'_>) -> bool {
        let grant = &redemption.peeked.grant;
        let other = self.flows().get(&challenge_of(redemption.form.get("code_verifier"))).cloned();
        let fits = |(client, subject): (String, String)| {
            client == grant.client_id && (self.may)(redemption.owner, subject == grant.subject)
        };
        !redemption.right_verifier()
            && redemption.right_client()
            && redemption.right_redirect()
            && other.is_some_and(fits)
    }
}

impl Weakness for OtherFlow {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if let Some(redemption) = Redemption::of(straw, &ask).await.filter(|redemption| self.takes(redemption)) {
                return redemption.tokens(straw).await;
            }
            let answer = next.run(ask).await;
            if let Some(code) = answer.code()
                && let Some(peeked) = straw.code(&code).await
                && let Some(challenge) = peeked.code.challenge
            {
                self.flows().insert(challenge, (peeked.grant.client_id, peeked.grant.subject));
            }
            answer
        })
    }
}
