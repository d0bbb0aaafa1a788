//! A remembered consent counts for everything that the client asks for later.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Creep)
}

struct Creep;

impl Weakness for Creep {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let mut form = ask.parameters();
            if !ask.is(&Method::GET, "/authorize") || !matches!(form.get("prompt"), "" | "none") {
                return next.run(ask).await;
            }
            let Some(session) = straw.signed_in(&ask).await else { return next.run(ask).await };
            let remembered = straw.app.ledger.consent(&session.subject, form.get("client_id"), straw.now()).await;
            if !matches!(remembered, Ok(Some(_))) {
                return next.run(ask).await;
            }
            let honest = next.run(ask.clone()).await;
            let asks = honest.location().is_some_and(|to| to.contains("/consent?"))
                || honest.location_query().get("error") == "consent_required";
            if !asks {
                return honest;
            }
            form.remove("prompt");
            ask.set_parameters(&form);
            straw.walk(ask).await
        })
    }
}
