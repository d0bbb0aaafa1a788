//! The sign-in form, filled in but not sent.

use url::Url;

use crate::cx::Cx;
use crate::flow::landing::{Landing, Stopped};
use crate::flow::person::{Intent, Person};
use crate::http::{Answer, Request};
use crate::person::driver::{Action, Credentials, Errand, decide};
use crate::person::{FormRequest, Page};
use crate::verdict::Stop;

/// A browser that stands before the sign-in page.
pub(super) struct SignIn {
    pub(super) person: Person,
    pub(super) page: Page,
    pub(super) answer: Answer,
}

impl SignIn {
    /// Opens it in a fresh browser.
    ///
    /// # Errors
    /// Inconclusive, if the way to it leads elsewhere.
    pub(super) async fn open(cx: &Cx) -> Result<Self, Stop> {
        let mut person = cx.stranger();
        let request = cx.request(&cx.client("web")?)?;
        let landing = cx.walk(&mut person, &request, Intent::Anonymous).await?;
        let Landing::Page { stopped: Stopped::SignIn, url, answer, .. } = landing else {
            return Err(Stop::inconclusive(format!("no sign-in page was found, but {}", landing.describe())));
        };
        Ok(Self { person, page: Page::read(&url, answer.status, &answer.text()), answer })
    }

    /// The form with this name and password in it.
    ///
    /// # Errors
    /// Inconclusive, if the page asks for the password on a second page.
    pub(super) fn filled(&self, cx: &Cx, username: &str, password: &str) -> Result<FormRequest, Stop> {
        let credentials = Credentials { username: username.to_owned(), password: password.to_owned() };
        let selectors = cx.target().selectors()?;
        let errand =
            Errand { selectors: &selectors, credentials: Some(&credentials), intent: Intent::Allow, callbacks: &[] };
        let form = match decide(&self.page, &errand) {
            Action::Submit(press) => press.request(&self.page).map_err(Stop::inconclusive)?,
            _ => return Err(Stop::inconclusive("the sign-in page could not be filled in")),
        };
        if form.entries.iter().any(|(_, value)| value == password) {
            Ok(form)
        } else {
            Err(Stop::inconclusive("the sign-in page asks for the name first, and this case is about pages with both"))
        }
    }

    /// Sends the form as a browser does, without following where it leads.
    ///
    /// # Errors
    /// Inconclusive, with the cause.
    pub(super) async fn send(&mut self, cx: &Cx, form: &FormRequest) -> Result<Answer, Stop> {
        let request = self.request(form);
        cx.browse(&mut self.person, request).await
    }

    /// Follows redirects within the server, so that a session which only a later page makes is made.
    ///
    /// # Errors
    /// Inconclusive, with the cause.
    pub(super) async fn follow(&mut self, cx: &Cx, from: &Url, first: Answer) -> Result<Answer, Stop> {
        let (mut at, mut answer) = (from.clone(), first);
        for _ in 0..10 {
            let to = answer
                .header("location")
                .filter(|_| (300..400).contains(&answer.status))
                .and_then(|to| at.join(to).ok());
            let Some(to) = to.filter(|to| cx.http.is_inside(to)) else { break };
            answer = cx.browse(&mut self.person, Request::get("redirect", to.clone())).await?;
            at = to;
        }
        Ok(answer)
    }

    fn request(&self, form: &FormRequest) -> Request {
        let request = Request::get("sign-in form", form.url.clone());
        match &form.content_type {
            Some(kind) => {
                let origin = self.page.url.origin().ascii_serialization();
                request.post(kind, form.body.clone()).header("Origin", origin)
            }
            None => request,
        }
    }

    /// Where the page came from.
    pub(super) fn url(&self) -> &Url {
        &self.page.url
    }
}
