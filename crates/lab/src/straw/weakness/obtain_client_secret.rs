//! A public client, whose name anybody can use, gets tokens on its own account.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(PublicMachine)
}

struct PublicMachine;

impl Weakness for PublicMachine {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        let public = straw.claimed_client(ask).is_some_and(|client| client.method() == "none");
        if ask.is_token_request("client_credentials")
            && public
            && let Some(machine) = straw.role("machine")
        {
            let mut form = ask.form();
            form.remove("scope");
            ask.set_form(&form);
            straw.authenticate(ask, machine);
        }
    }
}
