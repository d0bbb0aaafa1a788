//! A client assertion that is not yet valid is taken all the same.

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::Weakness;
use super::bent::Token;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Early)
}

struct Early;

impl Weakness for Early {
    fn ask(&self, straw: &Straw, ask: &mut Ask) {
        let Some(assertion) = Token::read(ask.form().get("client_assertion")) else { return };
        let early = assertion.claims["nbf"].as_i64().is_some_and(|from| from > straw.now().0);
        if early
            && assertion.signature.len() == 64
            && let Some(client) = straw.claimed_client(ask)
        {
            straw.authenticate(ask, client);
        }
    }
}
