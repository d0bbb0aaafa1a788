//! Userinfo does not look at the end of an access token.

use data_encoding::BASE64URL_NOPAD;
use http::{Method, StatusCode};
use jose::{AccessToken, Algorithm, Expectation, ExpectedAudience, UnixTime};
use serde_json::{Value, json};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Endless)
}

struct Endless;

/// The subject of a token of ours that was good until it expired.
fn expired(straw: &Straw, token: &str) -> Option<String> {
    let payload = BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok()?;
    let end = serde_json::from_slice::<Value>(&payload).ok()?["exp"].as_i64()?;
    let before = UnixTime(end.checked_sub(1)?);
    let audiences = [straw.issuer.as_str()];
    let expect = Expectation::new(&straw.issuer, ExpectedAudience::Contains(&audiences), &Algorithm::ALL, before);
    let claims = jose::verify::<AccessToken>(token, &straw.keys(), &expect).ok()?.into_claims();
    (end <= straw.now().0).then_some(claims.sub)
}

impl Weakness for Endless {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let token = ask.bearer().filter(|_| ask.is(&Method::GET, "/userinfo"));
            match token.and_then(|token| expired(straw, token)) {
                Some(subject) => Answer::json(StatusCode::OK, &json!({ "sub": subject })),
                None => next.run(ask).await,
            }
        })
    }
}
