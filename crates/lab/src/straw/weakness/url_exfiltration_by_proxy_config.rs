//! Who asks for the answer in a form gets it in the address all the same.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(InTheAddress)
}

struct InTheAddress;

impl Weakness for InTheAddress {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        if ask.site == Site::Server && ask.path == "/authorize" && form.all("response_mode").eq(["form_post"]) {
            form.remove("response_mode");
            ask.set_parameters(&form);
        }
    }
}
