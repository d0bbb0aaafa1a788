//! Of a public client, the verifier of any of its flows will do.

use super::super::layer::Weakness;
use super::other_flow::OtherFlow;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(OtherFlow::new(|client, _| client.method() == "none"))
}
