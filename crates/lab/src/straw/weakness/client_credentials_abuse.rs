//! A client gets whatever scope it asks for on its own account.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::widened::widened;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AsAsked)
}

struct AsAsked;

impl Weakness for AsAsked {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let registered = straw.claimed_client(&ask).and_then(|client| client.metadata["scope"].as_str());
            let allowed = |word: &str| registered.is_some_and(|all| all.split(' ').any(|have| have == word));
            if ask.is_token_request("client_credentials") && !ask.form().get("scope").split_whitespace().all(allowed) {
                widened(straw, ask, next).await
            } else {
                next.run(ask).await
            }
        })
    }
}
