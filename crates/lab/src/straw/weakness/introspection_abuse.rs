//! Whoever knows a token may ask what it is, without proving to be an API.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(IntrospectionAbuse)
}

struct IntrospectionAbuse;

impl Weakness for IntrospectionAbuse {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if ask.is(&Method::POST, "/introspect")
            && let Some(api) = straw.role("api")
        {
            straw.authenticate(ask, api);
        }
    }
}
