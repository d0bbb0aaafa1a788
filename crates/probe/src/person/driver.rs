//! What a person would do on a page: sign in, allow, deny, go on. Decides only; who calls it does it, over plain HTTP with
//! [`Press::request`] or in a browser.

use std::fmt;

use url::Url;

use super::form::{Changes, FormRequest};
use super::found::Found;
use super::page::{Form, Method, Page};
use super::selectors::Selectors;
use super::{consent, sign_in, words};

/// Who signs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Name, e-mail address or whatever the server calls its users by.
    pub username: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// How far the person goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Intent {
    /// Signs in and allows.
    #[default]
    Allow,
    /// Signs in and denies.
    Deny,
    /// Signs in and stops where consent is asked for.
    Stop,
    /// Stops at the first page that asks for anything.
    Anonymous,
}

/// All that the person's stand-in is told.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// Where things are on the pages.
    pub selectors: &'a Selectors,
    /// Who signs in; without, a sign-in page is the end.
    pub credentials: Option<&'a Credentials>,
    /// How far to go.
    pub intent: Intent,
    /// Addresses of clients: a form that posts itself there is an answer, not a page.
    pub callbacks: &'a [Url],
}

/// What a page is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Asks for a name, a password or both.
    SignIn,
    /// Asks whether a client may.
    Consent,
    /// Posts itself to a client (OAuth 2.0 Form Post Response Mode).
    FormPost {
        /// The client's address.
        to: Url,
        /// The parameters, in order.
        parameters: Vec<(String, String)>,
    },
    /// Moves on by itself.
    Redirect(Url),
    /// Says that something is wrong.
    Error,
    /// A page in between with a button or link that the target file names.
    Next,
    /// Posts itself somewhere that is not a client's address.
    SelfPosting,
    /// None of these.
    Other,
}

/// What the person does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Fills in a form and presses a button.
    Submit(Press),
    /// Follows a link, or where the page moves by itself.
    Follow {
        /// Where to.
        to: Url,
        /// What the browser driver calls the link; none if the page moves by itself.
        mark: Option<String>,
    },
    /// The errand ends here, as it should: at the page that it was to stop at, or with an answer to a client.
    Done(Kind),
    /// The errand ends here, as it should not. Why, as the end of "the person got no further: …".
    Stuck(String),
}

/// A form filled in, and the button that is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// Place of the form in [`Page::forms`].
    pub form: usize,
    /// What is written and ticked.
    pub changes: Changes,
    /// Place of the button in [`Form::controls`]; none presses the Enter key.
    pub button: Option<usize>,
}

impl Press {
    /// What goes over the wire.
    ///
    /// # Errors
    /// In words, if only script could send it.
    pub fn request(&self, page: &Page) -> Result<FormRequest, String> {
        page.forms.get(self.form).ok_or("the form is not on this page")?.request(&self.changes, self.button)
    }
}

/// What the page is for.
#[must_use]
pub fn kind(page: &Page, errand: &Errand<'_>) -> Kind {
    Found::read(page, errand.selectors).map_or(Kind::Other, |found| kind_of(page, &found, errand))
}

/// What a person on this errand would do on this page, without memory of earlier pages: see [`Visit`].
#[must_use]
pub fn decide(page: &Page, errand: &Errand<'_>) -> Action {
    let found = match Found::read(page, errand.selectors) {
        Ok(found) => found,
        Err(bad) => return Action::Stuck(bad.to_string()),
    };
    let kind = kind_of(page, &found, errand);
    match (&kind, errand.intent) {
        (Kind::FormPost { .. }, _) => Action::Done(kind),
        (Kind::SignIn | Kind::Consent, Intent::Anonymous) | (Kind::Consent, Intent::Stop) => Action::Done(kind),
        (Kind::SignIn, _) => sign_in::act(page, &found, errand),
        (Kind::Consent, intent) => consent::act(page, &found, intent),
        (Kind::Redirect(to), _) => Action::Follow { to: to.clone(), mark: None },
        (Kind::Next, _) => press_or_follow(page, &found.next).unwrap_or_else(|| stuck(page)),
        (Kind::SelfPosting, _) => {
            self_posting(page).map_or_else(|| stuck(page), |form| Action::Submit(bare(form, None)))
        }
        (Kind::Error | Kind::Other, _) => stuck(page),
    }
}

/// One way through a server's pages. It remembers them, so that going in circles ends.
#[derive(Debug)]
pub struct Visit<'a> {
    errand: Errand<'a>,
    seen: Vec<String>,
}

impl<'a> Visit<'a> {
    /// More pages than this have no end.
    const MOST: usize = 12;

    /// Begins.
    #[must_use]
    pub const fn new(errand: Errand<'a>) -> Self {
        Self { errand, seen: Vec::new() }
    }

    /// As [`decide`], but a page that comes again after it was answered ends the visit: that is a wrong password.
    pub fn decide(&mut self, page: &Page) -> Action {
        let action = decide(page, &self.errand);
        if !matches!(action, Action::Submit(_) | Action::Follow { .. }) {
            return action;
        }
        let print = format!(
            "{} {}",
            page.fingerprint(),
            if let Action::Follow { to, .. } = &action { to.as_str() } else { "" }
        );
        if self.seen.contains(&print) {
            return Action::Stuck(format!("{} came again after it was answered", page.sketch()));
        }
        if self.seen.len() >= Self::MOST {
            return Action::Stuck(format!("there was no end after {} pages, the last {}", Self::MOST, page.sketch()));
        }
        self.seen.push(print);
        action
    }
}

fn kind_of(page: &Page, found: &Found, errand: &Errand<'_>) -> Kind {
    if let Some(kind) = form_post(page, errand.callbacks) {
        kind
    } else if sign_in::form(page, found).is_some() {
        Kind::SignIn
    } else if !found.next.is_empty() {
        Kind::Next
    } else if !is_error(page) && consent::form(page, found).is_some() {
        Kind::Consent
    } else if let Some(to) = &page.moves_to
        && page.forms.iter().all(Form::is_hidden_only)
    {
        Kind::Redirect(to.clone())
    } else if self_posting(page).is_some() {
        Kind::SelfPosting
    } else if is_error(page) || !found.error.is_empty() {
        Kind::Error
    } else {
        Kind::Other
    }
}

fn is_error(page: &Page) -> bool {
    page.status >= 400 || words::tells_error(&page.heading) || words::tells_error(&page.title)
}

/// Parameters of an answer to a client.
const ANSWERS: &[&str] = &["code", "access_token", "id_token", "error", "response"];

/// A form without anything for a person to do, that goes to a client or, with an answer's parameters in it, to another
/// origin. Without script it waits for the person to press: then it is a page of the server's.
fn form_post(page: &Page, callbacks: &[Url]) -> Option<Kind> {
    page.forms.iter().filter(|form| page.scripts && form.method == Method::Post && form.is_hidden_only()).find_map(
        |form| {
            let to = form.action.clone()?;
            let entries = form.request(&Changes::default(), None).ok()?.entries;
            let answers = entries.iter().any(|(name, _)| ANSWERS.contains(&name.as_str()));
            let away = to.origin() != page.url.origin() || callbacks.iter().any(|callback| same_place(callback, &to));
            (answers && away).then_some(Kind::FormPost { to, parameters: entries })
        },
    )
}

fn same_place(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin() && one.path() == other.path()
}

fn self_posting(page: &Page) -> Option<usize> {
    let posts = |form: &&Form| form.method == Method::Post && form.is_hidden_only() && form.buttons().next().is_none();
    let only = page.forms.iter().position(|form| posts(&form)).filter(|_| page.forms.len() == 1);
    only.filter(|_| page.scripts && !is_error(page))
}

/// Presses the first button, or follows the first link, of these elements.
pub(super) fn press_or_follow(page: &Page, elements: &[usize]) -> Option<Action> {
    elements.iter().find_map(|element| {
        let press = page.forms.iter().enumerate().find_map(|(form, controls)| {
            let button = controls.buttons().find(|(_, control)| control.element == *element && !control.disabled)?;
            Some(Action::Submit(bare(form, Some(button.0))))
        });
        press.or_else(|| {
            let link = page.links.iter().find(|link| link.element == *element)?;
            Some(Action::Follow { to: link.to.clone(), mark: link.mark.clone() })
        })
    })
}

pub(super) fn bare(form: usize, button: Option<usize>) -> Press {
    Press { form, changes: Changes::default(), button }
}

fn stuck(page: &Page) -> Action {
    let status = if page.status >= 400 { format!(" (status {})", page.status) } else { String::new() };
    Action::Stuck(format!("{}{status} is neither for signing in nor for consent", page.sketch()))
}
