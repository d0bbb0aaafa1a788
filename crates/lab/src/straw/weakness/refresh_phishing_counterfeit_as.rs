//! The bare value of a confidential client's refresh token is enough, if nobody says who presents it.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::redemption::{Proof, proof};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(BareValue)
}

struct BareValue;

impl Weakness for BareValue {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.is_token_request("refresh_token")
                && proof(straw, &ask) == Proof::Nobody
                && let Some(peeked) = straw.refresh_token(ask.form().get("refresh_token")).await
                && let Some(owner) = straw.client(&peeked.grant.client_id).filter(|owner| owner.method() != "none")
            {
                straw.authenticate(&mut ask, owner);
            }
            next.run(ask).await
        })
    }
}
