//! A session counts as fresh, however short a time the client gives it.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(FreshEnough)
}

struct FreshEnough;

impl Weakness for FreshEnough {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        let short = form.get("max_age").parse::<u64>().is_ok_and(|seconds| (1..60).contains(&seconds));
        if ask.site == Site::Server && ask.path == "/authorize" && short {
            form.set("max_age", "3600");
            ask.set_parameters(&form);
        }
    }
}
