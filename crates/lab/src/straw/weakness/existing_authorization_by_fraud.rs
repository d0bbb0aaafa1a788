//! A public client that was allowed once is not asked about again, whoever may sit on its redirect URI.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Remembers::default())
}

/// Person, client and scope of what was allowed.
#[derive(Default)]
struct Remembers(Mutex<HashSet<(String, String, String)>>);

impl Weakness for Remembers {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let (Some(request), Some(session)) = (straw.waiting(&ask).await, straw.signed_in(&ask).await) else {
                return next.run(ask).await;
            };
            let client = request.get("client_id").to_owned();
            if straw.client(&client).is_none_or(|client| client.method() != "none") {
                return next.run(ask).await;
            }
            let key = (session.subject, client, request.get("scope").to_owned());
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&key);
            if known && ask.is(&Method::GET, "/authorize") && matches!(request.get("prompt"), "" | "none") {
                let mut form = request;
                form.remove("prompt");
                ask.set_query(&form);
                return straw.walk(ask).await;
            }
            let answer = next.run(ask).await;
            if answer.code().is_some() {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
            }
            answer
        })
    }
}
