//! The way of an authorization request through the server's pages, to where it ends.

use url::Url;

use crate::cx::Cx;
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::landing::{Landing, Mode, Stopped, is_plain, is_registered};
use crate::flow::person::{Intent, Person};
use crate::http::{Answer, Request};
use crate::params::Params;
use crate::person::Page;
use crate::person::driver::{Action, Credentials, Errand, Kind, Visit, decide};
use crate::target::DriverKind;
use crate::verdict::Stop;

/// Redirects and pages on one way at most.
const MOST_HOPS: usize = 40;

impl Cx {
    /// Sends an authorization request; the person signs in and allows.
    ///
    /// # Errors
    /// Inconclusive, if the target does not answer or leads in circles.
    pub async fn authorize(&self, person: &mut Person, request: &AuthorizationRequest) -> Result<Landing, Stop> {
        self.walk(person, request, Intent::Allow).await
    }

    /// Sends an authorization request and goes as far as the intent says.
    ///
    /// # Errors
    /// Inconclusive, if the target does not answer or leads in circles.
    pub async fn walk(
        &self,
        person: &mut Person,
        request: &AuthorizationRequest,
        intent: Intent,
    ) -> Result<Landing, Stop> {
        let callbacks: Vec<Url> = request.registered().into_iter().collect();
        self.walk_from(person, request.first(self)?, &callbacks, intent).await
    }

    /// Goes on from any request of the browser. `callbacks` are the client's registered redirect URIs.
    ///
    /// # Errors
    /// Inconclusive, if the target does not answer or leads in circles.
    pub async fn walk_from(
        &self,
        person: &mut Person,
        first: Request,
        callbacks: &[Url],
        intent: Intent,
    ) -> Result<Landing, Stop> {
        let in_step = person.shared.as_ref() == Some(&person.jar) && intent != Intent::Anonymous;
        let mut lent = None;
        if in_step {
            let (jar, session) = self.shared.sessions.lend().await;
            (person.jar, lent) = (jar, Some(session));
        }
        let credentials = person
            .user
            .as_ref()
            .map(|user| Credentials { username: user.username.clone(), password: user.password.clone() });
        let selectors = self.target().selectors()?;
        let errand = Errand { selectors: &selectors, credentials: credentials.as_ref(), intent, callbacks };
        let mut way = Way { cx: self, callbacks, errand, visit: Visit::new(errand) };
        let landing = way.go(person, first).await?;
        // Who stopped at a page of the server is not through: that session is its own.
        let through = !matches!(landing, Landing::Page { stopped: Stopped::SignIn | Stopped::Consent, .. });
        if let Some(session) = lent.filter(|_| through) {
            person.shared = Some(person.jar.clone());
            self.shared.sessions.give_back(person.jar.clone(), session);
        }
        Ok(landing)
    }

    /// One request of the browser: its cookies go along, and new ones are kept. Redirects are not followed.
    ///
    /// # Errors
    /// Inconclusive, with the cause.
    pub async fn browse(&self, person: &mut Person, mut request: Request) -> Result<Answer, Stop> {
        if let Some(cookies) = person.jar.header(&request.url) {
            request = request.header("Cookie", cookies);
        }
        let answer = self.send(&request).await?;
        for line in answer.all("set-cookie") {
            person.jar.store(&request.url, line);
        }
        Ok(answer)
    }
}

/// What comes after an answer.
enum Next {
    End(Box<Landing>),
    Request(Box<Request>),
}

struct Way<'a> {
    cx: &'a Cx,
    callbacks: &'a [Url],
    errand: Errand<'a>,
    visit: Visit<'a>,
}

impl Way<'_> {
    async fn go(&mut self, person: &mut Person, first: Request) -> Result<Landing, Stop> {
        let mut request = first;
        for _ in 0..MOST_HOPS {
            let answer = self.cx.browse(person, request.clone()).await?;
            if self.needs_browser(&request, &answer) {
                return self.cx.in_browser(person, &request.url, &answer, self.errand).await;
            }
            match self.next(&request, answer)? {
                Next::End(landing) => return Ok(*landing),
                Next::Request(next) => request = *next,
            }
        }
        Err(Stop::inconclusive(format!(
            "the authorization request led through {MOST_HOPS} redirects and pages without an end"
        )))
    }

    /// A page for a person, of a server whose pages need script. Answers and plain errors are read without.
    fn needs_browser(&self, request: &Request, answer: &Answer) -> bool {
        let page = matches!(answer.status, 200..300) && answer.is_html();
        page && self.cx.target().pages.driver == DriverKind::Chromium && {
            let page = Page::read(&request.url, answer.status, &answer.text());
            !matches!(decide(&page, &self.errand), Action::Done(_))
        }
    }

    fn next(&mut self, request: &Request, answer: Answer) -> Result<Next, Stop> {
        if let (300..=399, Some(location)) = (answer.status, answer.header("location")) {
            let Ok(to) = request.url.join(location) else {
                return Ok(nowhere(answer));
            };
            let location = location.to_owned();
            return Ok(self.redirect(request, to, &location, answer));
        }
        let page = Page::read(&request.url, answer.status, &answer.text());
        match self.visit.decide(&page) {
            Action::Submit(press) => match press.request(&page) {
                Ok(form) => {
                    let mut next = Request::get("form of the person", form.url);
                    if let Some(content_type) = form.content_type {
                        next = next.post(&content_type, form.body);
                        next = next.header("Origin", request.url.origin().ascii_serialization());
                    }
                    Ok(Next::Request(Box::new(next)))
                }
                Err(reason) => Ok(page_end(Stopped::Other, request, answer, reason)),
            },
            Action::Follow { to, .. } => {
                let written = to.to_string();
                Ok(self.redirect(request, to, &written, answer))
            }
            Action::Done(Kind::FormPost { to, parameters }) => {
                let registered = self.callbacks.iter().any(|callback| is_registered(&to, callback));
                let params = Params(parameters);
                Ok(Next::End(Box::new(Landing::Away { url: to, registered, mode: Mode::FormPost, params, answer })))
            }
            Action::Done(kind) => {
                let (stopped, reason) = match kind {
                    Kind::SignIn => (Stopped::SignIn, "it asks who is there"),
                    Kind::Consent => (Stopped::Consent, "it asks for consent"),
                    _ => (Stopped::Other, "a page of the server"),
                };
                Ok(page_end(stopped, request, answer, reason.into()))
            }
            Action::Stuck(reason) => Ok(page_end(Stopped::Other, request, answer, reason)),
        }
    }

    /// Within the server it goes on; anywhere else it ends, and nobody is spoken to there.
    fn redirect(&self, request: &Request, to: Url, written: &str, answer: Answer) -> Next {
        let registered = is_plain(written, &to) && self.callbacks.iter().any(|callback| is_registered(&to, callback));
        if !registered && self.cx.http.is_inside(&to) {
            let mut next = Request::get("redirect", to);
            if matches!(answer.status, 307 | 308) {
                // The browser sends the form again: whatever was in it.
                next.method.clone_from(&request.method);
                next.body.clone_from(&request.body);
                next.headers = request.headers.iter().filter(|(name, _)| name == "Content-Type").cloned().collect();
            }
            return Next::Request(Box::new(next));
        }
        Next::End(Box::new(Landing::redirect(to, registered, answer)))
    }
}

/// A redirect to something that is no URL: wherever a browser makes of it, it is not the client.
fn nowhere(answer: Answer) -> Next {
    // A constant, and a URL.
    let url = Url::parse("about:invalid").expect("a URL");
    let params = Params::default();
    Next::End(Box::new(Landing::Away { url, registered: false, mode: Mode::Query, params, answer }))
}

fn page_end(stopped: Stopped, request: &Request, answer: Answer, reason: String) -> Next {
    Next::End(Box::new(Landing::Page { stopped, url: request.url.clone(), answer, reason }))
}
