//! A code of a native app is redeemed without its verifier.

use super::super::layer::Weakness;
use super::redemption::Accepts;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Accepts(|_, _, redemption| {
        let native = redemption.owner.method() == "none";
        native && redemption.own && redemption.right_redirect() && redemption.form.get("code_verifier").is_empty()
    }))
}
