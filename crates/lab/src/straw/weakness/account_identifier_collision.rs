//! A dot at the end of a name does not count.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(DotsFall)
}

struct DotsFall;

impl Weakness for DotsFall {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let mut form = ask.form();
        if ask.site == Site::Server && ask.is(&Method::POST, "/sign-in") && form.get("username").ends_with('.') {
            let name = form.get("username").trim_end_matches('.').to_owned();
            form.set("username", &name);
            ask.set_form(&form);
        }
    }
}
