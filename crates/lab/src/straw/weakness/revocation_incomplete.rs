//! A revocation with a hint that does not fit is answered with success and forgotten.

use http::{HeaderMap, Method, StatusCode};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(BelievesTheHint)
}

struct BelievesTheHint;

impl Weakness for BelievesTheHint {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let form = ask.form();
            let hint = form.get("token_type_hint");
            if ask.is(&Method::POST, "/revoke") && !hint.is_empty() {
                let refreshes = straw.refresh_token(form.get("token")).await.is_some();
                if refreshes != (hint == "refresh_token") {
                    return Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: Default::default() };
                }
            }
            next.run(ask).await
        })
    }
}
