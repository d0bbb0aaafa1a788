//! A session is enough where the client asks for the person: `prompt=consent` is forgotten for whoever allowed it before.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(SessionIsEnough)
}

struct SessionIsEnough;

impl Weakness for SessionIsEnough {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        if ask.site == Site::Server && ask.path == "/authorize" && form.all("prompt").eq(["consent"]) {
            form.remove("prompt");
            ask.set_parameters(&form);
        }
    }
}
