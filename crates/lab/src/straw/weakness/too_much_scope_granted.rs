//! Whatever scope is asked for is granted, registered for the client or not, known or not, shown or not.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Form, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(TooMuch::default())
}

/// Where the scope as asked for waits together with the request.
const ASKED: &str = "straw_scope";

/// The scope of codes for which more was asked than the server gives.
#[derive(Default)]
struct TooMuch(Mutex<HashMap<String, String>>);

/// Leaves the scopes that the client is registered for, if others were asked for, too.
fn cut(straw: &Straw, form: &mut Form) {
    let Some(client) = straw.client(form.get("client_id")) else { return };
    let registered: Vec<&str> = client.metadata["scope"].as_str().unwrap_or_default().split(' ').collect();
    let asked = form.get("scope").to_owned();
    let (good, more): (Vec<&str>, Vec<&str>) = asked.split(' ').partition(|scope| registered.contains(scope));
    if !more.is_empty() && !good.is_empty() {
        form.set("scope", &good.join(" "));
        form.set(ASKED, &asked);
    }
}

impl Weakness for TooMuch {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.site == Site::Server && ask.path == "/authorize" {
                let mut form = ask.parameters();
                cut(straw, &mut form);
                if form.has(ASKED) {
                    ask.set_parameters(&form);
                }
            }
            let waiting = straw.waiting(&ask).await;
            let code = ask.form().get("code").to_owned();
            let redeems = ask.is_token_request("authorization_code");
            let mut answer = next.run(ask).await;
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Some(request), Some(code)) = (waiting.filter(|request| request.has(ASKED)), answer.code()) {
                known.insert(code, request.get(ASKED).to_owned());
            }
            if let Some(asked) = known.remove(&code).filter(|_| redeems && answer.gives_token()) {
                straw.reissue(&mut answer, |claims| claims.scope.clone_from(&asked));
                let mut value = answer.value();
                value["scope"] = asked.into();
                answer.set_value(&value);
            }
            answer
        })
    }
}
