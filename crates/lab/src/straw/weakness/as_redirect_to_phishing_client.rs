//! Every registered client is trusted with a redirect that no person has seen.

use serde_json::{Value, json};

use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(TrustsAll)
}

struct TrustsAll;

impl Weakness for TrustsAll {
    fn register(&self, _: &str, metadata: &mut Value) {
        if metadata.get("vouched_for").is_some() {
            metadata["vouched_for"] = json!(true);
        }
    }
}
