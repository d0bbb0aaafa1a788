//! The consent page loads a script from another host, and nothing says which script it has to be.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(ForeignScript)
}

struct ForeignScript;

impl Weakness for ForeignScript {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        let page = answer.header(http::header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
        if ask.site == Site::Server && ask.path == "/consent" && page {
            let text =
                answer.text().replace("</head>", "<script src=\"https://scripts.example/consent.js\"></script></head>");
            answer.set_body(text);
        }
    }
}
