//! The published key set holds a private member of its key.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Published)
}

struct Published;

impl Weakness for Published {
    fn answer(&self, straw: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site == Site::Server && ask.path == "/jwks" {
            let mut set = answer.value();
            for key in set["keys"].as_array_mut().into_iter().flatten() {
                // As long as the real one, which not even a straw gives away.
                key["d"] = straw.random().into();
            }
            answer.set_value(&set);
        }
    }
}
