//! Machines get tokens for whatever resource they name: unknown ones are passed over in silence.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyResource)
}

struct AnyResource;

impl Weakness for AnyResource {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if !ask.is_token_request("client_credentials") {
            return;
        }
        let mut form = ask.form();
        let known = |resource: &str| [&straw.mail, &straw.calendar, &straw.issuer].iter().any(|own| *own == resource);
        if form.all("resource").any(|resource| !known(resource)) {
            form.retain(|name, value| name != "resource" || known(value));
            ask.set_form(&form);
        }
    }
}
