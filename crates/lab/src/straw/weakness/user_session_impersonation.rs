//! Of a confidential client, the verifier of any flow of the same person will do.

use super::super::layer::Weakness;
use super::other_flow::OtherFlow;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(OtherFlow::new(|client, same_person| client.method() != "none" && same_person))
}
