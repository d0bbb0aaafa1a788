//! An empty secret in the body is as good as the client's own.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(EmptySecret)
}

struct EmptySecret;

impl Weakness for EmptySecret {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        if !ask.is_token_request("client_credentials") {
            return;
        }
        let form = ask.form();
        if form.has("client_secret")
            && form.get("client_secret").is_empty()
            && let Some(client) = straw.client(form.get("client_id"))
        {
            straw.authenticate(ask, client);
        }
    }
}
