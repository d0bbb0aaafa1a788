//! Userinfo takes any token of the issuer, also one of a machine for an API.

use http::StatusCode;
use jose::{AccessToken, Algorithm, Expectation, ExpectedAudience};
use serde_json::json;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyAudience)
}

struct AnyAudience;

impl Weakness for AnyAudience {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.site == Site::Server
                && ask.path == "/userinfo"
                && let Some(token) = ask.bearer()
            {
                let audiences = [straw.mail.as_str()];
                let expect = Expectation::new(
                    &straw.issuer,
                    ExpectedAudience::Contains(&audiences),
                    &Algorithm::ALL,
                    straw.now(),
                );
                if let Ok(verified) = jose::verify::<AccessToken>(token, &straw.keys(), &expect) {
                    let claims = verified.into_claims();
                    if claims.sub == claims.client_id {
                        return Answer::json(StatusCode::OK, &json!({ "sub": claims.sub }));
                    }
                }
            }
            next.run(ask).await
        })
    }
}
