//! A request that waits belongs to whoever has its address: another browser may finish it, and the one that began it gets
//! what came of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Form, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Swap::default())
}

/// What is known of a request that waits.
#[derive(Clone, Default)]
struct Waiting {
    /// The secret of the browser that began it.
    browser: String,
    /// The session of whoever signed in for it.
    session: Option<String>,
    /// Its parameters, who allowed it, and the secret of the browser in which that was.
    allowed: Option<(Form, String, Option<String>)>,
}

#[derive(Default)]
struct Swap(Mutex<HashMap<String, Waiting>>);

/// The id in the address of a page.
fn id_in(location: &str) -> Option<String> {
    location.split_once("?request=").map(|(_, id)| id.to_owned())
}

impl Swap {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun(&self, ask: &Ask, answer: &Answer) {
        let id = answer.location().and_then(id_in);
        let browser = answer.sets_cookie("__Host-browser").or_else(|| ask.cookie("__Host-browser"));
        if let (Some(id), Some(browser)) = (id, browser) {
            self.known().insert(id, Waiting { browser: browser.to_owned(), ..Waiting::default() });
        }
    }

    /// Takes the request up for any browser, as far as others have brought it.
    async fn taken_up(&self, straw: &Straw, mut ask: Ask, next: Next<'_>, id: String, waiting: Waiting) -> Answer {
        let own = ask.cookie("__Host-browser").map(str::to_owned);
        if let Some((request, subject, finisher)) = &waiting.allowed
            && *finisher != own
            && let Ok(code) = straw.agree(request, subject).await
        {
            let fields = Form::of([("code", &code), ("state", request.get("state")), ("iss", &straw.issuer)]);
            return Answer::redirect(&format!("{}?{}", request.get("redirect_uri"), fields.encode()));
        }
        ask.set_cookie("__Host-browser", &waiting.browser);
        if let Some(session) = waiting.session.as_ref().filter(|_| ask.cookie("__Host-session").is_none()) {
            ask.set_cookie("__Host-session", session);
        }
        let request = straw.waiting(&ask).await;
        let answer = next.run(ask.clone()).await;
        if let Some(session) = answer.sets_cookie("__Host-session") {
            ask.set_cookie("__Host-session", session);
        }
        let who = straw.signed_in(&ask).await;
        if let Some(entry) = self.known().get_mut(&id) {
            if let Some(session) = answer.sets_cookie("__Host-session") {
                entry.session = Some(session.to_owned());
            }
            if let (Some(request), Some(who), Some(_)) = (request, who, answer.code()) {
                entry.allowed = Some((request, who.subject, own));
            }
        }
        answer
    }
}

impl Weakness for Swap {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            match (ask.site, ask.path.as_str()) {
                (Site::Server, "/authorize") => {
                    let answer = next.run(ask.clone()).await;
                    self.begun(&ask, &answer);
                    answer
                }
                (Site::Server, "/sign-in" | "/consent") => {
                    let id = ask.parameters().get("request").to_owned();
                    let waiting = self.known().get(&id).cloned();
                    match waiting {
                        Some(waiting) => self.taken_up(straw, ask, next, id, waiting).await,
                        None => next.run(ask).await,
                    }
                }
                _ => next.run(ask).await,
            }
        })
    }
}
