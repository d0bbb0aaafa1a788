//! Another client than the one the token was made for is told that it is good, and not whose it is.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};
use super::redemption::{Proof, proof};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(TellsAnybody)
}

struct TellsAnybody;

impl Weakness for TellsAnybody {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let other = straw.claimed_client(&ask).is_some_and(|client| client.role == "other");
            let asks =
                ask.site == Site::Server && ask.path == "/introspect" && other && proof(straw, &ask) == Proof::Right;
            let Some(api) = straw.role("api").filter(|_| asks) else { return next.run(ask).await };
            straw.authenticate(&mut ask, api);
            let mut answer = next.run(ask).await;
            let mut value = answer.value();
            if let Some(members) = value.as_object_mut() {
                members.remove("client_id");
                answer.set_value(&value);
            }
            answer
        })
    }
}
