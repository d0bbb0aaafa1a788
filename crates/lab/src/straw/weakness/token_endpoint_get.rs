//! The token endpoint answers GET, with everything in the query.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(ByGet)
}

struct ByGet;

impl Weakness for ByGet {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        if ask.is(&Method::GET, "/token") {
            let parameters = ask.query();
            ask.method = Method::POST;
            ask.query = None;
            ask.set_form(&parameters);
        }
    }
}
