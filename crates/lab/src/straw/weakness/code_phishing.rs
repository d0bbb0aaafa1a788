//! Whoever has a confidential client's code and knows its public data redeems it: a request that brings neither secret nor
//! verifier passes as one of old times.

use super::super::layer::Weakness;
use super::redemption::{Accepts, Proof};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Accepts(|_, _, redemption| {
        redemption.own
            && redemption.proof == Proof::NameOnly
            && !redemption.form.has("code_verifier")
            && redemption.right_redirect()
    }))
}
