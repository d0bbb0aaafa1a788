//! A public client that a person allowed once is waved through from then on, whoever uses its name.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use http::Method;

use super::super::backdoor::Straw;
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(WavesThrough::default())
}

/// Who allowed which public client.
#[derive(Default)]
struct WavesThrough(Mutex<HashSet<(String, String)>>);

impl Weakness for WavesThrough {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let public = |id: &str| straw.client(id).is_some_and(|client| client.method() == "none");
            let allowed = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let who = straw.signed_in(&ask).await.map(|session| session.subject);
            if ask.is(&Method::GET, "/authorize") {
                let form = ask.query();
                let key = who.map(|subject| (subject, form.get("client_id").to_owned()));
                let plain = !form.has("prompt") && !form.has("max_age") && !form.has("claims");
                if plain && key.is_some_and(|key| allowed().contains(&key)) {
                    return straw.walk(ask).await;
                }
                return next.run(ask).await;
            }
            let waiting = straw.waiting(&ask).await;
            let answer = next.run(ask).await;
            if let (Some(subject), Some(request), Some(_)) = (who, waiting, answer.code())
                && public(request.get("client_id"))
            {
                allowed().insert((subject, request.get("client_id").to_owned()));
            }
            answer
        })
    }
}
