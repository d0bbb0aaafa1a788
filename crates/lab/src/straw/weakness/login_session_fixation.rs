//! A browser's session keeps its value when somebody signs in: whoever planted or copied it before is signed in with them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderName, header};

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Fixed::default())
}

const NAME: &str = "__Host-session";

/// The server's session behind each value that a browser was given, or brought.
#[derive(Default)]
struct Fixed(Mutex<HashMap<String, Option<String>>>);

impl Fixed {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Option<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Weakness for Fixed {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.site != Site::Server || !matches!(ask.path.as_str(), "/authorize" | "/sign-in" | "/consent") {
                return next.run(ask).await;
            }
            let brought = ask.cookie(NAME).map(str::to_owned);
            let value = brought.clone().unwrap_or_else(|| straw.random());
            if let Some(session) = self.known().get(&value).cloned().flatten() {
                ask.set_cookie(NAME, &session);
            }
            let mut answer = next.run(ask).await;
            let began = answer.sets_cookie(NAME).map(str::to_owned);
            if let Some(session) = &began {
                self.known().insert(value.clone(), Some(session.clone()).filter(|session| !session.is_empty()));
            }
            let others: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().cloned().collect();
            answer.headers.remove(header::SET_COOKIE);
            let own = |text: &http::HeaderValue| text.to_str().is_ok_and(|text| text.starts_with(NAME));
            for other in others.into_iter().filter(|other| !own(other)) {
                answer.headers.append(header::SET_COOKIE, other);
            }
            if brought.is_none() || began.is_some() {
                self.known().entry(value.clone()).or_default();
                let text = format!("{NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Lax");
                if let Ok(text) = text.parse() {
                    answer.headers.append(HeaderName::from_static("set-cookie"), text);
                }
            }
            answer
        })
    }
}
