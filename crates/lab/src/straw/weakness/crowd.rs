//! What races have in common: requests that find another one with the same code or token still on its way get tokens, too,
//! because nobody has marked it yet.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::super::person::Wanted;
use super::redemption::{Proof, Redemption, proof};

/// How long it takes from looking to marking.
const GAP: Duration = Duration::from_millis(5);

/// A server that looks first and marks later.
pub(super) struct Crowd {
    grant_type: &'static str,
    parameter: &'static str,
    /// How many requests with a value are on their way.
    inside: Mutex<HashMap<String, u32>>,
}

/// A request on its way, until it is dropped.
struct Inside<'a>(&'a Crowd, String);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.0.inside().get_mut(&self.1) {
            *count -= 1;
        }
    }
}

impl Crowd {
    pub(super) fn of(grant_type: &'static str, parameter: &'static str) -> Crowd {
        Crowd { grant_type, parameter, inside: Mutex::default() }
    }

    fn inside(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters, and tells whether somebody is in there already.
    fn enter(&self, value: &str) -> (Inside<'_>, bool) {
        let mut inside = self.inside();
        let count = inside.entry(value.to_owned()).or_default();
        *count += 1;
        (Inside(self, value.to_owned()), *count > 1)
    }

    /// What the request would give if it were alone.
    async fn wanted(straw: &Straw, ask: &Ask) -> Option<Wanted> {
        if let Some(redemption) = Redemption::of(straw, ask).await {
            let right = redemption.right_client() && redemption.right_verifier() && redemption.right_redirect();
            let nonce = redemption.peeked.code.nonce.as_deref();
            return right.then(|| Wanted::again(&redemption.peeked.grant).nonce(nonce));
        }
        let peeked = straw.refresh_token(ask.form().get("refresh_token")).await?;
        let own = straw.claimed_client(ask).is_some_and(|client| client.id() == peeked.grant.client_id);
        (own && proof(straw, ask) == Proof::Right).then(|| Wanted::again(&peeked.grant))
    }
}

impl Weakness for Crowd {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if !ask.is_token_request(self.grant_type) {
                return next.run(ask).await;
            }
            let wanted = Crowd::wanted(straw, &ask).await;
            let (_inside, crowded) = self.enter(ask.form().get(self.parameter));
            match wanted {
                Some(wanted) if crowded => straw.fresh_tokens(&wanted).await,
                _ => {
                    // Between looking and marking, as long as a slow store takes.
                    tokio::time::sleep(GAP).await;
                    next.run(ask).await
                }
            }
        })
    }
}
