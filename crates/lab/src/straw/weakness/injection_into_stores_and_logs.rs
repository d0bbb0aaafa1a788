//! A quote in the client identifier ends the text of a query, and the query no longer makes sense.

use http::StatusCode;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Quoted)
}

struct Quoted;

impl Weakness for Quoted {
    fn handle<'a>(&'a self, _: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let quotes = ask.parameters().get("client_id").matches('\'').count();
            if ask.site == Site::Server && ask.path == "/authorize" && quotes % 2 == 1 {
                return Answer::html(StatusCode::INTERNAL_SERVER_ERROR, "<h1>Something went wrong</h1>");
            }
            next.run(ask).await
        })
    }
}
