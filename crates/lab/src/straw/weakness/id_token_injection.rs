//! The nonce of the ID token is not the one of the request.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(OwnNonce)
}

struct OwnNonce;

impl Weakness for OwnNonce {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        if ask.site == Site::Server && ask.path == "/authorize" && form.has("nonce") {
            let nonce = form.get("nonce").to_lowercase();
            form.set("nonce", &nonce);
            ask.set_parameters(&form);
        }
    }
}
