//! What several weaknesses share: the metadata sends clients with certificates (RFC 8705 section 5) to an address without
//! TLS.

use serde_json::json;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) struct Aliased {
    endpoint: &'static str,
    path: &'static str,
}

impl Aliased {
    pub(super) fn over_plain_http(endpoint: &'static str, path: &'static str) -> Box<dyn Weakness> {
        Box::new(Aliased { endpoint, path })
    }
}

impl Weakness for Aliased {
    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site == Site::Server && ask.path.starts_with("/.well-known/") && answer.status.is_success() {
            let mut metadata = answer.value();
            metadata["mtls_endpoint_aliases"] =
                json!({ self.endpoint: format!("http://mtls.straw.example{}", self.path) });
            answer.set_value(&metadata);
        }
    }
}
