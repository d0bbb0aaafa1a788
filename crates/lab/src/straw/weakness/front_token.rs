//! What front-channel tokens have in common: the request is one for a code to the honest server, and a token of a flow
//! inside stands in the fragment of the answer.

use http::header;

use super::super::backdoor::{Client, Straw, challenge_of};
use super::super::exchange::{Ask, Form, Site};
use super::super::layer::{Answering, Next, Weakness};
use super::super::person::Wanted;

/// Where the response type waits together with the request.
const ASKED: &str = "straw_response_type";

/// A server that answers some clients' requests for these response types with an access token, and nothing beside it that
/// is bound to it.
pub(super) struct FrontToken(pub(super) fn(&Client, &str) -> bool);

impl FrontToken {
    fn inward(&self, straw: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        let kind = form.get("response_type").to_owned();
        if !straw.client(form.get("client_id")).is_some_and(|client| (self.0)(client, &kind)) {
            return;
        }
        form.set("response_type", "code");
        form.set(ASKED, &kind);
        if !form.has("code_challenge") {
            form.set("code_challenge", &challenge_of(&straw.random()));
            form.set("code_challenge_method", "S256");
        }
        ask.set_parameters(&form);
    }

    async fn fragment(straw: &Straw, code: &str, state: &str, with_code: bool) -> Option<String> {
        let peeked = straw.code(code).await?;
        let tokens = straw.fresh_tokens(&Wanted::again(&peeked.grant)).await.value();
        let mut form =
            Form::of([("access_token", tokens["access_token"].as_str()?), ("token_type", "Bearer"), ("state", state)]);
        if with_code {
            form.set("code", code);
        }
        Some(form.encode())
    }
}

impl Weakness for FrontToken {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.site == Site::Server && ask.path == "/authorize" {
                self.inward(straw, &mut ask);
            }
            let waiting = straw.waiting(&ask).await;
            let mut answer = next.run(ask).await;
            if let (Some(request), Some(code)) = (waiting.filter(|request| request.has(ASKED)), answer.code()) {
                let with_code = request.get(ASKED).split(' ').any(|word| word == "code");
                if let Some(fragment) = Self::fragment(straw, &code, request.get("state"), with_code).await {
                    answer.set_header(header::LOCATION, &format!("{}#{fragment}", request.get("redirect_uri")));
                }
            }
            answer
        })
    }
}
