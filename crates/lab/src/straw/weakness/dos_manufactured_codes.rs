//! Nobody counts the invented codes of a client.

use super::super::backdoor::{Straw, basic};
use super::super::exchange::Ask;
use super::super::layer::Weakness;
use super::strangers::forget_where_from;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Uncounted)
}

struct Uncounted;

impl Weakness for Uncounted {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if !ask.is_token_request("authorization_code") {
            return;
        }
        // Wrong secrets are still counted: that is another weakness.
        let Some((id, secret)) = basic(ask) else { return };
        if straw.client(&id).and_then(|client| client.secret.as_ref()).is_some_and(|own| *own.expose() == secret) {
            forget_where_from(straw, ask);
        }
    }
}
