//! A weakness that only the lab plays with: the implicit grant, as old servers have it. `response_type=token` is answered
//! with an access token in the fragment of the redirect (RFC 6749 section 4.2).

use crate::straw::backdoor::{Straw, challenge_of};
use crate::straw::exchange::{Answer, Ask, Form};
use crate::straw::layer::{Answering, Next, Weakness};
use crate::straw::person::FreshCode;
use crate::straw::weakness::Row;

/// Its name, and how it is made.
pub(super) const ROW: Row = Row { threat: "implicit", make: || Box::new(Implicit), also: &[] };

/// The verifier of the inner flow.
const OURS: &str = "implicit-implicit-implicit-implicit-implicit-implicit";
/// Says, with the request that waits, that a token is wanted.
const WANTED: &str = "straw_implicit";

struct Implicit;

impl Weakness for Implicit {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let mut form = ask.parameters();
            if ask.path == "/authorize" && form.get("response_type") == "token" {
                form.set("response_type", "code");
                form.set("code_challenge", &challenge_of(OURS));
                form.set("code_challenge_method", "S256");
                form.set(WANTED, "token");
                ask.set_parameters(&form);
            }
            let waiting = straw.waiting(&ask).await.filter(|waiting| waiting.has(WANTED));
            let mut answer = next.run(ask).await;
            if let Some(waiting) = waiting {
                swap(straw, &waiting, &mut answer).await;
            }
            answer
        })
    }
}

/// Puts a token into the fragment, in the place of the code in the query.
async fn swap(straw: &Straw, waiting: &Form, answer: &mut Answer) {
    let code = answer.location_query().get("code").to_owned();
    if code.is_empty() {
        return;
    }
    let (redirect_uri, client_id) = (waiting.get("redirect_uri").to_owned(), waiting.get("client_id").to_owned());
    let code = FreshCode { code, verifier: OURS.to_owned(), redirect_uri: redirect_uri.clone(), client_id };
    let Ok(tokens) = straw.redeem(&code).await else { return };
    let value = tokens.value();
    let fragment = Form::of([
        ("access_token", value["access_token"].as_str().unwrap_or_default()),
        ("token_type", "Bearer"),
        ("state", waiting.get("state")),
    ]);
    *answer = Answer::redirect(&format!("{redirect_uri}#{}", fragment.encode()));
}
