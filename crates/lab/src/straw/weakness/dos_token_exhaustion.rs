//! Nobody counts the authorization requests that one address leaves waiting.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;
use super::strangers::forget_where_from;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Uncounted)
}

struct Uncounted;

impl Weakness for Uncounted {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if ask.site == Site::Server && ask.path == "/authorize" {
            forget_where_from(straw, ask);
        }
    }
}
