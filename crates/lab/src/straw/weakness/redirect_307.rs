//! After a form, the browser is sent on with 307: it posts the form again, to the client.

use http::{Method, StatusCode};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Repeats)
}

struct Repeats;

impl Weakness for Repeats {
    fn answer(&self, straw: &Straw, ask: &Ask, answer: &mut Answer) {
        let form = ask.site == Site::Server && ask.method == Method::POST && ask.path != "/authorize";
        let away = answer.location().is_some_and(|to| !to.starts_with(&straw.issuer));
        if form && away {
            answer.status = StatusCode::TEMPORARY_REDIRECT;
        }
    }
}
