//! Pages load a picture from elsewhere, and tell its host the whole address.

use http::header::{CONTENT_TYPE, REFERRER_POLICY};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Pictures)
}

struct Pictures;

impl Weakness for Pictures {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site != Site::Server {
            return;
        }
        if answer.header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
            let picture = "<img src=\"https://pictures.example/bar.gif\" alt=\"\"></body>";
            answer.set_body(answer.text().replacen("</body>", picture, 1));
        }
        if answer.header(REFERRER_POLICY).is_some() {
            answer.set_header(REFERRER_POLICY, "unsafe-url");
        }
    }
}
