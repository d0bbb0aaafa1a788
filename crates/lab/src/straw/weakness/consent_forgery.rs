//! The decision counts whoever sends it: without the form's token, from another site, by GET, a second time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::{HeaderName, Method, header};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Form, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Forgery::default())
}

/// Requests that were allowed, by their id: they can be allowed again.
#[derive(Default)]
struct Forgery(Mutex<HashMap<String, Form>>);

impl Forgery {
    fn allowed(&self) -> std::sync::MutexGuard<'_, HashMap<String, Form>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Allows once more what the person of this browser allowed before.
    async fn again(&self, straw: &Straw, ask: &Ask, id: &str) -> Option<Answer> {
        let request = self.allowed().get(id).cloned()?;
        let session = straw.signed_in(ask).await?;
        let code = straw.agree(&request, &session.subject).await.ok()?;
        let fields = Form::of([("code", &code), ("state", request.get("state")), ("iss", &straw.issuer)]);
        Some(Answer::redirect(&format!("{}?{}", request.get("redirect_uri"), fields.encode())))
    }
}

/// The token that the consent page of a request holds for this browser.
async fn token(ask: &Ask, next: Next<'_>, id: &str) -> Option<String> {
    let mut page = Ask::own(Site::Server, Method::GET, &format!("/consent?request={id}"));
    for name in [header::HOST, header::COOKIE] {
        if let Some(value) = ask.headers.get(&name) {
            page.headers.insert(name, value.clone());
        }
    }
    let text = next.run(page).await.text();
    let (_, after) = text.split_once("name=\"csrf\" value=\"")?;
    Some(after[..after.find('"')?].to_owned())
}

impl Weakness for Forgery {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let mut form = ask.parameters();
            if ask.site != Site::Server || ask.path != "/consent" || !form.has("decision") {
                return next.run(ask).await;
            }
            let id = form.get("request").to_owned();
            if form.get("decision") == "allow"
                && let Some(again) = self.again(straw, &ask, &id).await
            {
                return again;
            }
            let request = straw.waiting(&ask).await;
            if let Some(csrf) = token(&ask, next, &id).await {
                form.set("csrf", &csrf);
            }
            if !form.has("scope") {
                let scope = request.as_ref().map(|request| request.get("scope").to_owned()).unwrap_or_default();
                scope.split(' ').for_each(|scope| form.push("scope", scope));
            }
            (ask.method, ask.query) = (Method::POST, None);
            for name in ["origin", "referer", "sec-fetch-site"] {
                ask.headers.remove(HeaderName::from_static(name));
            }
            ask.set_form(&form);
            let answer = next.run(ask).await;
            if let Some(request) = request.filter(|_| answer.code().is_some()) {
                self.allowed().insert(id, request);
            }
            answer
        })
    }
}
