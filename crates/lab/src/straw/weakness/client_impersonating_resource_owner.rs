//! Userinfo takes a client's own token, and the client's id for a person's subject.

use http::{Method, StatusCode};
use jose::{AccessToken, Algorithm, Expectation, ExpectedAudience};
use serde_json::json;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnySubject)
}

struct AnySubject;

/// The client whose own token this is, if it is one and good.
fn client_of(straw: &Straw, token: &str) -> Option<String> {
    let audiences = [straw.mail.as_str(), straw.calendar.as_str(), straw.issuer.as_str()];
    let expect = Expectation::new(&straw.issuer, ExpectedAudience::Contains(&audiences), &Algorithm::ALL, straw.now());
    let claims = jose::verify::<AccessToken>(token, &straw.keys(), &expect).ok()?.into_claims();
    straw.client(&claims.sub).map(|client| client.id().to_owned())
}

impl Weakness for AnySubject {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let token = ask.bearer().filter(|_| ask.is(&Method::GET, "/userinfo"));
            match token.and_then(|token| client_of(straw, token)) {
                Some(subject) => Answer::json(StatusCode::OK, &json!({ "sub": subject })),
                None => next.run(ask).await,
            }
        })
    }
}
