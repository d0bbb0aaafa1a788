//! A refusal repeats the code that it refuses.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Talkative)
}

struct Talkative;

impl Weakness for Talkative {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.is_token_request("authorization_code") && !answer.status.is_success() {
            let mut refusal = answer.value();
            refusal["error_description"] = format!("the code {} was not accepted", ask.form().get("code")).into();
            answer.set_value(&refusal);
        }
    }
}
