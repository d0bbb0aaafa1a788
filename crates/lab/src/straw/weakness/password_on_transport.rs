//! The sign-in form may also be sent in the query of a URL.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(InQuery)
}

struct InQuery;

impl Weakness for InQuery {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let query = ask.query();
        if ask.site == Site::Server && ask.is(&Method::GET, "/sign-in") && query.has("password") {
            ask.method = Method::POST;
            ask.query = None;
            ask.set_form(&query);
        }
    }
}
