//! A plus sign in the state of a native app comes back as a space.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Spoiled)
}

struct Spoiled;

impl Weakness for Spoiled {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        let native = straw.client(form.get("client_id")).is_some_and(|client| client.method() == "none");
        if ask.site == Site::Server && ask.path == "/authorize" && native && form.get("state").contains('+') {
            let state = form.get("state").replace('+', " ");
            form.set("state", &state);
            ask.set_parameters(&form);
        }
    }
}
