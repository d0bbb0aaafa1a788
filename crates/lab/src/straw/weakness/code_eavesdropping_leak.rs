//! A code lives for ever: its stated life is not looked at.

use super::super::layer::Weakness;
use super::redemption::Accepts;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Accepts(|straw, _, redemption| {
        redemption.peeked.code.expires <= straw.now()
            && redemption.right_client()
            && redemption.right_verifier()
            && redemption.right_redirect()
    }))
}
