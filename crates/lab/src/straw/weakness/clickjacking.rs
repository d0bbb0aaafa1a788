//! Pages may be framed by anybody.

use http::HeaderName;
use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Framed)
}

struct Framed;

impl Weakness for Framed {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        ask.headers.remove(HeaderName::from_static("sec-fetch-dest"));
    }

    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site != Site::Server {
            return;
        }
        answer.headers.remove(X_FRAME_OPTIONS);
        if let Some(policy) = answer.header(CONTENT_SECURITY_POLICY) {
            let rest = policy.split(';').map(str::trim).filter(|part| !part.starts_with("frame-ancestors"));
            let rest = rest.collect::<Vec<_>>().join("; ");
            answer.set_header(CONTENT_SECURITY_POLICY, &rest);
        }
    }
}
