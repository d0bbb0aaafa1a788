//! Introspection is also answered by GET, with the token in the query.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(ByGet)
}

struct ByGet;

impl Weakness for ByGet {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        if ask.site == Site::Server && ask.is(&Method::GET, "/introspect") {
            let query = ask.query();
            ask.method = Method::POST;
            ask.query = None;
            ask.set_form(&query);
        }
    }
}
