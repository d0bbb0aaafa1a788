//! Redirects to clients end without a fragment of their own.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Bare)
}

struct Bare;

impl Weakness for Bare {
    fn answer(&self, straw: &Straw, _: &Ask, answer: &mut Answer) {
        let bare = answer.location().and_then(|location| location.strip_suffix('#')).map(str::to_owned);
        if let Some(bare) = bare.filter(|location| !location.starts_with(&straw.issuer)) {
            answer.set_header(http::header::LOCATION, &bare);
        }
    }
}
