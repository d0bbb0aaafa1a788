//! A response type that is empty or misspelt is taken for a code.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Default)
}

struct Default;

impl Weakness for Default {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        let asks = ask.site == Site::Server && ask.path == "/authorize" && form.has("response_type");
        if asks && matches!(form.get("response_type").to_ascii_lowercase().as_str(), "" | "cod" | "codes") {
            form.set("response_type", "code");
            ask.set_parameters(&form);
        }
    }
}
