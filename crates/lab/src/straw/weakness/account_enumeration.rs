//! The sign-in page says whether it was the name or the password that is wrong.

use http::{Method, StatusCode};

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Enumeration)
}

struct Enumeration;

impl Weakness for Enumeration {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let tries = ask.is(&Method::POST, "/sign-in");
            let name = ask.form().get("username").to_lowercase();
            let mut answer = next.run(ask).await;
            if tries && answer.status == StatusCode::UNAUTHORIZED {
                let known = matches!(straw.app.ledger.user_by_name(&name).await, Ok(Some(_)));
                let said = if known { "The password is not right." } else { "There is no such user." };
                let text = answer.text().replace("User name or password is not right.", said);
                answer.set_body(text);
            }
            answer
        })
    }
}
