//! A code is redeemed for whatever resource is named: an unknown one is passed over in silence.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyResource)
}

struct AnyResource;

impl Weakness for AnyResource {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if !ask.is_token_request("authorization_code") {
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
