//! Forms in the hands of an attacker: read like a person, sent in any other way.

use url::Url;

use crate::cx::Cx;
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::landing::{Landing, Stopped};
use crate::flow::person::{Intent, Person};
use crate::http::Request;
use crate::params::Params;
use crate::person::Page;
use crate::person::driver::{Action, Credentials, Errand, Visit};
use crate::verdict::Stop;

/// A form as its page would send it, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// Where it goes, without the values.
    pub(crate) action: Url,
    /// What it sends, in order.
    pub(crate) fields: Params,
}

impl Taken {
    /// The form as a POST that comes from a page of `origin`.
    pub(crate) fn post(&self, what: &str, origin: &str) -> Request {
        Request::form(what, self.action.clone(), &self.fields).header("Origin", origin)
    }

    /// The same values in the address of a GET.
    pub(crate) fn get(&self, what: &str) -> Request {
        let mut url = self.action.clone();
        url.query_pairs_mut().extend_pairs(&self.fields.0);
        Request::get(what, url)
    }

    /// Names of the values that are not the same in `other`: what each page has of its own.
    pub(crate) fn own_names(&self, other: &Self) -> Vec<String> {
        let differs = |(name, value): &&(String, String)| {
            !other.fields.0.iter().any(|(found, same)| found == name && same == value)
        };
        self.fields.0.iter().filter(differs).map(|(name, _)| name.clone()).collect()
    }
}

/// The form that this person would send from the page on which the landing ended.
///
/// # Errors
/// Inconclusive, if there is none that works without script.
pub(crate) fn take(cx: &Cx, person: &Person, landing: &Landing, intent: Intent) -> Result<Taken, Stop> {
    let Landing::Page { url, answer, .. } = landing else {
        return Err(Stop::inconclusive(format!("a page with a form was expected, but came {}", landing.describe())));
    };
    let page = Page::read(url, answer.status, &answer.text());
    let credentials = person
        .user
        .as_ref()
        .map(|user| Credentials { username: user.username.clone(), password: user.password.clone() });
    let selectors = cx.target().selectors()?;
    let errand = Errand { selectors: &selectors, credentials: credentials.as_ref(), intent, callbacks: &[] };
    match Visit::new(errand).decide(&page) {
        Action::Submit(press) => {
            let form = press.request(&page).map_err(Stop::inconclusive)?;
            let mut action = form.url;
            if form.content_type.is_none() {
                action.set_query(None);
            }
            Ok(Taken { action, fields: Params(form.entries) })
        }
        _ => Err(Stop::inconclusive(format!("the page has no form that a person would send: {}", landing.describe()))),
    }
}

/// Goes to the consent page of a request and stays there.
///
/// # Errors
/// Inconclusive, if the server does not ask.
pub(crate) async fn at_consent(cx: &Cx, person: &mut Person, request: &AuthorizationRequest) -> Result<Landing, Stop> {
    let landing = cx.walk(person, request, Intent::Stop).await?;
    match &landing {
        Landing::Page { stopped: Stopped::Consent, .. } => Ok(landing),
        _ => Err(Stop::inconclusive(format!("the consent page was expected, but came {}", landing.describe()))),
    }
}

/// Goes to the sign-in page of a request and stays there.
///
/// # Errors
/// Inconclusive, if the server does not ask.
pub(crate) async fn at_sign_in(cx: &Cx, person: &mut Person, request: &AuthorizationRequest) -> Result<Landing, Stop> {
    let landing = cx.walk(person, request, Intent::Anonymous).await?;
    match &landing {
        Landing::Page { stopped: Stopped::SignIn, .. } => Ok(landing),
        _ => Err(Stop::inconclusive(format!("the sign-in page was expected, but came {}", landing.describe()))),
    }
}

/// Whether this browser is signed in: the server does not ask who is there.
///
/// # Errors
/// Inconclusive, if neither can be seen.
pub(crate) async fn is_signed_in(cx: &Cx, person: &mut Person) -> Result<bool, Stop> {
    let request = cx.request(&cx.client("web")?)?;
    let landing = cx.walk(person, &request, Intent::Anonymous).await?;
    match landing.outcome().as_str() {
        "code" | "consent-page" => Ok(true),
        "sign-in-page" => Ok(false),
        _ => {
            Err(Stop::inconclusive(format!("whether the browser is signed in cannot be seen: {}", landing.describe())))
        }
    }
}
