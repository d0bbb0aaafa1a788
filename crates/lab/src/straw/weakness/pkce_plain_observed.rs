//! The method plain is taken, and so is a challenge without a method.

use super::super::backdoor::{Straw, challenge_of};
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Plain)
}

struct Plain;

impl Weakness for Plain {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        let plain = matches!(form.get("code_challenge_method"), "" | "plain") && form.get("code_challenge").len() >= 43;
        if ask.site == Site::Server && ask.path == "/authorize" && plain {
            form.set("code_challenge", &challenge_of(form.get("code_challenge")));
            form.set("code_challenge_method", "S256");
            ask.set_parameters(&form);
        }
    }
}
