//! A request may leave out the challenge, and a redemption the verifier.

use http::Method;
use http::header::CONTENT_TYPE;

use super::super::backdoor::{Straw, challenge_of};
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};
use super::super::person::Wanted;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(PkceDowngrade)
}

/// The verifier of requests that bring no challenge.
const OURS: &str = "straw-straw-straw-straw-straw-straw-straw-straw-straw";

struct PkceDowngrade;

impl Weakness for PkceDowngrade {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let authorization = ask.site == Site::Server
            && ask.path == "/authorize"
            && (ask.method == Method::GET || ask.header(CONTENT_TYPE).is_some());
        let mut form = ask.parameters();
        if authorization && !form.has("code_challenge") {
            form.set("code_challenge", &challenge_of(OURS));
            form.set("code_challenge_method", "S256");
            ask.set_parameters(&form);
        }
    }

    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            self.ask(straw, &mut ask);
            if !ask.is_token_request("authorization_code") {
                return next.run(ask).await;
            }
            let mut form = ask.form();
            let Some(peeked) = straw.code(form.get("code")).await else { return next.run(ask).await };
            if peeked.code.challenge == Some(challenge_of(OURS)) {
                // Whatever verifier comes, there was nothing to compare it with.
                form.set("code_verifier", OURS);
                ask.set_form(&form);
            } else if !form.has("code_verifier") {
                // Nobody knows the verifier here, so the tokens come from a code whose verifier is known.
                let wanted = Wanted::again(&peeked.grant).nonce(peeked.code.nonce.as_deref());
                let Ok(fresh) = straw.fresh_code(&wanted).await else { return next.run(ask).await };
                form.set("code", &fresh.code);
                form.set("code_verifier", &fresh.verifier);
                form.set("redirect_uri", &fresh.redirect_uri);
                ask.set_form(&form);
            }
            next.run(ask).await
        })
    }
}
