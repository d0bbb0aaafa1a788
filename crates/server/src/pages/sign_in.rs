//! `/sign-in`: user name and password.

use askama::Template;

use super::display::{ADDRESS, Destination, NAME, safe_text};
use super::locale::{Fill, Locale, Run};
use super::{Assets, display};

/// The sign-in page. Its form posts `request`, `csrf`, `username` and `password` to `/sign-in`.
#[derive(Clone, Debug)]
pub struct SignInView {
    /// This server's own host, with the port if it has one: what the address bar must show.
    pub server_host: String,
    /// The parked request the form belongs to.
    pub request: String,
    /// The form's single-use token.
    pub csrf: String,
    /// The app that waits for the answer, as registered.
    pub client_name: String,
    /// Where the browser goes in the end.
    pub destination: Destination,
    /// The user name to start with: the request's `login_hint`, or what was typed before a problem.
    pub login_hint: Option<String>,
    /// Why the last try did not work.
    pub problem: Option<SignInProblem>,
    /// Set when a signed-in person must give the password again: the name is then fixed.
    pub reauth: Option<Reauth>,
}

/// Why the last try did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInProblem {
    /// The server had no capacity to check a password.
    Busy,
    /// The form was too old, or came from another browser.
    Expired,
    /// Too many tries; the next one counts after this many seconds. Say the same for names that do not exist.
    SlowDown {
        /// How long to wait.
        seconds: u32,
    },
    /// No such user, wrong password, locked, removed: one wording, because any difference tells who has an account.
    WrongCredentials,
}

/// A person who is signed in and is asked again.
#[derive(Clone, Debug)]
pub struct Reauth {
    /// The name the person knows the account by.
    pub display_name: String,
    /// The user name, which the form sends back.
    pub username: String,
    /// Why.
    pub reason: ReauthReason,
}

/// Why a signed-in person is asked for the password again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReauthReason {
    /// The app asked for it (`prompt=login`, `max_age`).
    AppAsks,
    /// What the app wants to do is sensitive, and a program on the device could press a button.
    Sensitive,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    l: Locale,
    server_host: &'a str,
    view: &'a SignInView,
    title: String,
    lead: Vec<Run>,
    destination: Vec<Run>,
    problem: Option<String>,
    username: String,
    user: String,
    initial: String,
}

impl SignInView {
    /// The page as HTML.
    pub fn render(&self, locale: Locale) -> String {
        let client = name_or(&self.client_name, locale, "app-unnamed");
        let client = Fill::Text(&client);
        let title = locale.text(if self.reauth.is_some() { "reauth-title" } else { "sign-in-title" });
        let lead = match self.reauth.as_ref().map(|reauth| reauth.reason) {
            None => locale.runs("sign-in-continue-to", &[("client", client)]),
            Some(ReauthReason::AppAsks) => locale.runs("reauth-app-asks", &[("client", client)]),
            Some(ReauthReason::Sensitive) => locale.runs("reauth-sensitive", &[("client", client)]),
        };
        let username = match &self.reauth {
            // defends: account-enumeration  The page repeats what the browser sent and never what the store knows; only
            // the owner of the session is shown a name.
            Some(reauth) => reauth.username.clone(),
            None => self.login_hint.clone().filter(|hint| safe_text(hint, ADDRESS) == *hint).unwrap_or_default(),
        };
        let page = Page {
            l: locale,
            server_host: &self.server_host,
            view: self,
            title,
            lead,
            destination: destination(&self.destination, locale),
            problem: self.problem.map(|problem| problem.text(locale)),
            username,
            user: self
                .reauth
                .as_ref()
                .map(|reauth| name_or(&reauth.display_name, locale, "user-unnamed"))
                .unwrap_or_default(),
            initial: self.reauth.as_ref().map(|reauth| initial(&reauth.display_name)).unwrap_or_default(),
        };
        finish(&page)
    }
}

impl SignInProblem {
    fn text(self, locale: Locale) -> String {
        match self {
            SignInProblem::Busy => locale.text("problem-busy"),
            SignInProblem::Expired => locale.text("problem-expired"),
            SignInProblem::SlowDown { seconds } => {
                locale.fill("problem-slow-down", &[("seconds", Fill::Number(seconds))])
            }
            SignInProblem::WrongCredentials => locale.text("problem-wrong-credentials"),
        }
    }
}

/// A template that the compiler checked, as text.
pub(super) fn finish(page: &impl Template) -> String {
    // Rendering fails only where a filter or a value's `Display` fails; the pages use none that can.
    page.render().expect("templates of plain data render")
}

/// A name of others, or the words for having none.
pub(super) fn name_or(name: &str, locale: Locale, unnamed: &str) -> String {
    let shown = safe_text(name, NAME);
    if shown.chars().all(|c| !c.is_alphanumeric()) { locale.text(unnamed) } else { shown }
}

/// "Your browser goes to … next", by what kind of place it is.
pub(super) fn destination(destination: &Destination, locale: Locale) -> Vec<Run> {
    let key = match destination {
        Destination::App(_) => "destination-app",
        Destination::Device(_) => "destination-device",
        Destination::Website(_) => "destination-website",
    };
    let place = safe_text(destination.label(), display::ADDRESS);
    locale.runs(key, &[("place", Fill::Text(&place))])
}

/// The letter in the circle beside a person's name.
pub(super) fn initial(name: &str) -> String {
    let letter = safe_text(name, NAME).chars().find(|c| c.is_alphanumeric());
    letter.map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
}
