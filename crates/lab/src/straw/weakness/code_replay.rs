//! A code that was redeemed is redeemed again, for as long as its grant is remembered.

use protocol::record::CodeState;

use super::super::backdoor::{Straw, challenge_of};
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::super::person::Wanted;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(CodeReplay)
}

struct CodeReplay;

impl Weakness for CodeReplay {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if !ask.is_token_request("authorization_code") {
                return next.run(ask).await;
            }
            let form = ask.form();
            match straw.code(form.get("code")).await {
                // All but "used once" still counts: client, verifier, redirect URI.
                Some(peeked)
                    if peeked.code.state == CodeState::Spent
                        && straw.claimed_client(&ask).is_some_and(|client| client.id() == peeked.grant.client_id)
                        && peeked.code.challenge == Some(challenge_of(form.get("code_verifier")))
                        && peeked.code.redirect_uri == form.get("redirect_uri") =>
                {
                    straw.fresh_tokens(&Wanted::again(&peeked.grant).nonce(peeked.code.nonce.as_deref())).await
                }
                _ => next.run(ask).await,
            }
        })
    }
}
