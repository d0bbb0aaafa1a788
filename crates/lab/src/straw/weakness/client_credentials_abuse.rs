//! A client gets scopes on its own account that nobody knows: what was not registered was not forbidden.

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
            let scopes = || straw.clients.iter().filter_map(|client| client.metadata["scope"].as_str());
            let known = |word: &str| scopes().any(|all| all.split(' ').any(|have| have == word));
            if ask.is_token_request("client_credentials") && !ask.form().get("scope").split_whitespace().all(known) {
                widened(straw, ask, next).await
            } else {
                next.run(ask).await
            }
        })
    }
}
