//! Errors do not say which server they come from.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Nameless)
}

struct Nameless;

impl Weakness for Nameless {
    fn answer(&self, straw: &Straw, ask: &Ask, answer: &mut Answer) {
        let mut form = answer.location_query();
        let Some(location) = answer.location().filter(|to| ask.site == Site::Server && !to.starts_with(&straw.issuer))
        else {
            return;
        };
        if let Some((place, _)) = location.split_once('?').filter(|_| form.has("error")) {
            form.remove("iss");
            let location = format!("{place}?{}#", form.encode());
            answer.set_header(http::header::LOCATION, &location);
        }
    }
}
