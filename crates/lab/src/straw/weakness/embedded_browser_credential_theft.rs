//! A browser inside an app is served as any other.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyBrowser)
}

struct AnyBrowser;

impl Weakness for AnyBrowser {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        if ask.site == Site::Server {
            ask.set_header(http::header::USER_AGENT, "Mozilla/5.0");
        }
    }
}
