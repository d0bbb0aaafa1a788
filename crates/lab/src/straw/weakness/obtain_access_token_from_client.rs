//! Access tokens of people live for a day.

use jose::UnixTime;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(ADay)
}

const DAY: i64 = 86_400;

struct ADay;

impl Weakness for ADay {
    fn answer(&self, straw: &Straw, ask: &Ask, answer: &mut Answer) {
        let of_a_person = ask.is_token_request("authorization_code") || ask.is_token_request("refresh_token");
        if of_a_person && answer.gives_token() {
            straw.reissue(answer, |claims| claims.exp = UnixTime(claims.iat.0 + DAY));
            let mut value = answer.value();
            value["expires_in"] = DAY.into();
            answer.set_value(&value);
        }
    }
}
