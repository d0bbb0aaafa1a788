//! A refresh request may stand in a URL.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(InTheUrl)
}

struct InTheUrl;

impl Weakness for InTheUrl {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let query = ask.query();
        if ask.is(&Method::GET, "/token") && query.get("grant_type") == "refresh_token" {
            (ask.method, ask.query) = (Method::POST, None);
            ask.set_form(&query);
        }
    }
}
