//! Answers with tokens and codes may be kept by caches.

use http::header::{CACHE_CONTROL, PRAGMA};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Cached)
}

struct Cached;

impl Weakness for Cached {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site == Site::Server && matches!(ask.path.as_str(), "/token" | "/authorize" | "/consent" | "/sign-in") {
            answer.headers.remove(PRAGMA);
            answer.set_header(CACHE_CONTROL, "private, max-age=600");
        }
    }
}
