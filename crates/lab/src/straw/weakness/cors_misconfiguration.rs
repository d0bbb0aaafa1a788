//! Every origin that asks may read the answers, with the cookies of whoever visits it.

use http::header::{ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Reflected)
}

struct Reflected;

impl Weakness for Reflected {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site == Site::Server
            && let Some(origin) = ask.header(ORIGIN)
        {
            answer.set_header(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            answer.set_header(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
    }
}
