//! Refresh tokens count up.

use super::super::layer::Weakness;
use super::counted::Counted;

pub(super) fn weakness() -> Box<dyn Weakness> {
    let refresh_token = |answer: &super::super::exchange::Answer| {
        answer.gives_token().then(|| answer.value()["refresh_token"].as_str().map(str::to_owned))?
    };
    Box::new(Counted::new(refresh_token, &["refresh_token", "token"]))
}
