//! The token endpoint takes the person's password from a client.

use http::StatusCode;
use serde_json::json;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::{Answering, Next, Weakness};
use super::super::person::Wanted;
use super::redemption::{Proof, proof};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(PasswordGrant)
}

struct PasswordGrant;

impl Weakness for PasswordGrant {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let Some(client) = straw.claimed_client(&ask).filter(|_| ask.is_token_request("password")) else {
                return next.run(ask).await;
            };
            if proof(straw, &ask) != Proof::Right || client.role != "web" {
                return next.run(ask).await;
            }
            let form = ask.form();
            let fits = |name: &str, password: &str| form.get("username") == name && form.get("password") == password;
            match straw.people.iter().find(|person| fits(&person.username, person.password.expose())) {
                Some(person) => {
                    let scope = if form.has("scope") { form.get("scope") } else { "openid" };
                    let wanted = Wanted {
                        client_id: client.id().to_owned(),
                        subject: person.subject.clone(),
                        scope: scope.to_owned(),
                        ..Wanted::default()
                    };
                    straw.fresh_tokens(&wanted).await
                }
                None => Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" })),
            }
        })
    }
}
