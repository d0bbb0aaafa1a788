//! Userinfo names people by another identifier than the ID token.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(OtherName)
}

struct OtherName;

impl Weakness for OtherName {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        let mut value = answer.value();
        if ask.site == Site::Server && ask.path == "/userinfo" && answer.status.is_success() && value["sub"].is_string()
        {
            value["sub"] = format!("user-{}", value["sub"].as_str().unwrap_or_default()).into();
            answer.set_value(&value);
        }
    }
}
