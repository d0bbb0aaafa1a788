//! A silent request is answered wherever it comes from, a hidden frame included.

use http::HeaderName;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Framed)
}

struct Framed;

impl Weakness for Framed {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        if ask.site == Site::Server && ask.path == "/authorize" && ask.parameters().get("prompt") == "none" {
            for name in ["sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site"] {
                ask.headers.remove(HeaderName::from_static(name));
            }
        }
    }
}
