//! The client of a code is not compared: any confidential client that proves itself redeems it.

use super::super::layer::Weakness;
use super::redemption::{Accepts, Proof};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Accepts(|straw, ask, redemption| {
        let confidential = straw.claimed_client(ask).is_some_and(|claimed| claimed.method() != "none");
        !redemption.own && confidential && redemption.proof == Proof::Right && redemption.right_verifier()
    }))
}
