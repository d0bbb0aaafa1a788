//! Any client may revoke any refresh token.

use http::Method;

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
            if ask.is(&Method::POST, "/revoke")
                && proof(straw, &ask) == Proof::Right
                && let Some(peeked) = straw.refresh_token(ask.form().get("token")).await
                && let Some(owner) = straw.client(&peeked.grant.client_id)
            {
                straw.authenticate(&mut ask, owner);
            }
            next.run(ask).await
        })
    }
}
