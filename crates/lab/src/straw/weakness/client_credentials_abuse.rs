//! A client gets scopes on its own account that only a person can give.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::widened::widened;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(OfPeople)
}

struct OfPeople;

impl Weakness for OfPeople {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let of_people = |word: &str| matches!(word, "openid" | "offline_access");
            if ask.is_token_request("client_credentials") && ask.form().get("scope").split_whitespace().any(of_people) {
                widened(straw, ask, next).await
            } else {
                next.run(ask).await
            }
        })
    }
}
