//! A client assertion that was good once is good again.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::<Replayed>::default()
}

#[derive(Default)]
struct Replayed {
    good: Mutex<HashSet<String>>,
}

impl Weakness for Replayed {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let assertion = ask.form().get("client_assertion").to_owned();
            let good = || self.good.lock().unwrap_or_else(PoisonError::into_inner);
            let used = good().contains(&assertion);
            if used && let Some(client) = straw.claimed_client(&ask) {
                straw.authenticate(&mut ask, client);
            }
            let answer = next.run(ask).await;
            if !assertion.is_empty() && answer.status.is_success() {
                good().insert(assertion);
            }
            answer
        })
    }
}
