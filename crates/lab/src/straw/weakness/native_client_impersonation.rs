//! A native app that was allowed once gets its next code without a question, if it asks that there be none.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Silent)
}

struct Silent;

impl Weakness for Silent {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let mut form = ask.parameters();
            let native = straw.client(form.get("client_id")).is_some_and(|client| client.method() == "none");
            let silent = ask.site == Site::Server && ask.path == "/authorize" && form.get("prompt") == "none";
            if native && silent && straw.signed_in(&ask).await.is_some() {
                form.remove("prompt");
                ask.set_parameters(&form);
                return straw.walk(ask).await;
            }
            next.run(ask).await
        })
    }
}
