//! A verifier may be of any length.

use super::super::layer::Weakness;
use super::redemption::Accepts;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Accepts(|_, _, redemption| {
        let length = redemption.form.get("code_verifier").len();
        !(43..=128).contains(&length)
            && redemption.right_verifier()
            && redemption.right_client()
            && redemption.right_redirect()
    }))
}
