//! The API does not look at the scope of a token for its outbox.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyScope)
}

struct AnyScope;

impl Weakness for AnyScope {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        // Both answer alike, but reading needs less.
        if ask.site == Site::Mail && ask.path == "/outbox" {
            ask.path = "/messages".to_owned();
        }
    }
}
