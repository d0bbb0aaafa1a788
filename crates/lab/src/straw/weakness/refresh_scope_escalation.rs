//! A refresh gives the scope that it asks for, granted or not.

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
            if !ask.is_token_request("refresh_token") {
                return next.run(ask).await;
            }
            let form = ask.form();
            match straw.refresh_token(form.get("refresh_token")).await {
                Some(peeked) if !form.get("scope").split_whitespace().all(|word| peeked.grant.scope.contains(word)) => {
                    widened(straw, ask, next).await
                }
                _ => next.run(ask).await,
            }
        })
    }
}
