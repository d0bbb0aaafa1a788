//! Whose refresh token it is does not matter: any confidential client that proves itself may use it.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::redemption::{Proof, proof};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyClient)
}

struct AnyClient;

impl Weakness for AnyClient {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.is_token_request("refresh_token")
                && let Some(peeked) = straw.refresh_token(ask.form().get("refresh_token")).await
                && let (Some(owner), Some(claimed)) =
                    (straw.client(&peeked.grant.client_id), straw.claimed_client(&ask))
                && claimed.id() != owner.id()
                && claimed.method() != "none"
                && proof(straw, &ask) == Proof::Right
            {
                straw.authenticate(&mut ask, owner);
            }
            next.run(ask).await
        })
    }
}
