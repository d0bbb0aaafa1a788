//! The API wraps its answer in whatever function the caller names.

use http::header::CONTENT_TYPE;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Padded)
}

struct Padded;

impl Weakness for Padded {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        let query = ask.query();
        if ask.site == Site::Mail && query.has("callback") {
            let script = format!("{}({});", query.get("callback"), answer.text());
            answer.set_header(CONTENT_TYPE, "application/javascript");
            answer.set_body(script);
        }
    }
}
