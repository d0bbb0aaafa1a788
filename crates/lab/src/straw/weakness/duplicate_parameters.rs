//! Of a parameter that comes twice, the first counts.

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Form, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(FirstCounts)
}

struct FirstCounts;

fn first(form: &Form) -> Form {
    let mut kept = Form::default();
    for (name, value) in form.pairs() {
        // Several resources are several wishes (RFC 8707 section 2).
        if name == "resource" || !kept.has(name) {
            kept.push(name, value);
        }
    }
    kept
}

impl Weakness for FirstCounts {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let endpoint = matches!(ask.path.as_str(), "/authorize" | "/token" | "/introspect" | "/revoke");
        if ask.site != Site::Server || !endpoint {
            return;
        }
        let form = ask.parameters();
        if first(&form) != form {
            ask.set_parameters(&first(&form));
        }
        if ask.method == Method::POST && ask.query.is_some() {
            // What the body says, too, is a repetition.
            let mut query = ask.query();
            query.retain(|name, _| !form.has(name));
            if query.pairs().is_empty() {
                ask.query = None;
            }
        }
    }
}
