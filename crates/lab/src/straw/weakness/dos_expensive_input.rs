//! A key that a request brings is worked with, whatever its exponent.

use std::time::Duration;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};
use super::bent::Token;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyExponent)
}

struct AnyExponent;

impl Weakness for AnyExponent {
    fn handle<'a>(&'a self, _: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let proof = ask.header("dpop").and_then(Token::read);
            let exponent = proof.as_ref().and_then(|proof| proof.header["jwk"]["e"].as_str()).map_or(0, str::len);
            // About what the arithmetic takes, without taking the processor from the other cases.
            let millis = u64::try_from(exponent.saturating_sub(16)).unwrap_or_default() * 3;
            tokio::time::sleep(Duration::from_millis(millis.min(5000))).await;
            next.run(ask).await
        })
    }
}
