//! The metadata offer client assertions that nobody signed.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(OffersNone)
}

struct OffersNone;

impl Weakness for OffersNone {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site != Site::Server || !ask.path.starts_with("/.well-known/") {
            return;
        }
        let mut value = answer.value();
        if let Some(list) = value["token_endpoint_auth_signing_alg_values_supported"].as_array_mut() {
            list.push("none".into());
            answer.set_value(&value);
        }
    }
}
