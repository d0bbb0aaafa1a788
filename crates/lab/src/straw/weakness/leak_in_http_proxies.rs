//! The API lets every cache on the way keep what only a token opens.

use http::header::CACHE_CONTROL;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Public)
}

struct Public;

impl Weakness for Public {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site == Site::Mail && answer.status.is_success() {
            answer.set_header(CACHE_CONTROL, "public, max-age=600");
        }
    }
}
