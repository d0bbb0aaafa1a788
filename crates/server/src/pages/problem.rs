//! What a person sees when a request goes wrong, and the page of each rule behind `error_uri`.

use askama::Template;

use super::Assets;
use super::display::{ADDRESS, Destination, SENTENCE, TITLE, is_target, link, safe_text};
use super::locale::{Fill, Locale, Run};
use super::sign_in::{destination, finish, name_or};

/// An error that ends here: nothing is sent to the app.
#[derive(Clone, Debug)]
pub struct ErrorView {
    /// This server's own host, with the port if it has one.
    pub server_host: String,
    /// What happened, for the person; [`PageProblem::title`] has the usual ones.
    pub title: String,
    /// What to do now, for the person.
    pub text: String,
    /// For the app's developer; the received values are never part of it.
    pub detail: Detail,
    /// A way out, if there is a safe one.
    pub back: Option<Back>,
}

/// What a developer needs to find the mistake.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The catalogue's name of the rule; has a page under `/errors/`.
    pub rule: Option<String>,
    /// The parameter at fault.
    pub parameter: Option<String>,
    /// The section that says so, such as `RFC 6749 section 4.1.2.1`.
    pub section: Option<String>,
    /// Finds the entry in the log.
    pub request_id: String,
}

/// A button that leads away from an error page.
#[derive(Clone, Debug)]
pub struct Back {
    /// Where to; a path on this server or a URI that was checked.
    pub href: String,
    /// The place the button names.
    pub destination: Destination,
}

/// The usual reasons for an error page, in words for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageProblem {
    /// The page was opened in a browser that an app controls.
    EmbeddedBrowser,
    /// The form did not come from our page in this browser.
    ForgedForm,
    /// The page was to be shown inside another one.
    Framed,
    /// A parameter is missing, repeated, too long or unreadable.
    Malformed,
    /// No such page.
    NotFound,
    /// The request was started in another browser, or by another person.
    OtherBrowser,
    /// The request is over: answered, or too old.
    RequestGone,
    /// The server had a fault.
    ServerFault,
    /// No capacity now.
    TooBusy,
    /// No such client. Says the same for one that is disabled.
    UnknownClient,
    /// The redirect URI is not registered for the client.
    UnknownRedirect,
}

/// An error that may go back to the app, but only when the person agrees to go there: before anybody has signed in, a
/// redirect would let any registered client send visitors of this server on to its own address (RFC 9700 section
/// 4.11.2).
#[derive(Clone, Debug)]
pub struct ReturnErrorView {
    /// This server's own host, with the port if it has one.
    pub server_host: String,
    /// The app, as registered.
    pub client_name: String,
    /// The place the button names.
    pub destination: Destination,
    /// The code the app will get, such as `invalid_scope`.
    pub error: String,
    /// For the app's developer.
    pub detail: Detail,
    /// How the answer travels.
    pub target: ReturnTarget,
}

/// How an answer travels to the app.
#[derive(Clone, Debug)]
pub enum ReturnTarget {
    /// A link; the whole redirect URI with the answer in its query.
    Link(String),
    /// A form, for `response_mode=form_post`.
    Post {
        /// The redirect URI.
        action: String,
        /// The answer.
        fields: Vec<(String, String)>,
    },
}

/// The page of a rule, for developers: `error_uri` leads here. The texts are the catalogue's, in English.
#[derive(Clone, Debug)]
pub struct RuleView {
    /// This server's own host, with the port if it has one.
    pub server_host: String,
    /// The catalogue's name of the rule.
    pub rule: String,
    /// The OAuth error code.
    pub error: String,
    /// The parameter it is about.
    pub parameter: Option<String>,
    /// The rule in one sentence.
    pub says: String,
    /// Why there is such a rule. May be empty.
    pub why: String,
    /// The section it comes from.
    pub section: String,
    /// The section's address.
    pub section_uri: Option<String>,
    /// What to do, one step each.
    pub fix: Vec<String>,
}

impl PageProblem {
    /// Every reason.
    pub const ALL: [PageProblem; 11] = [
        PageProblem::EmbeddedBrowser,
        PageProblem::ForgedForm,
        PageProblem::Framed,
        PageProblem::Malformed,
        PageProblem::NotFound,
        PageProblem::OtherBrowser,
        PageProblem::RequestGone,
        PageProblem::ServerFault,
        PageProblem::TooBusy,
        PageProblem::UnknownClient,
        PageProblem::UnknownRedirect,
    ];

    /// What happened.
    pub fn title(self, locale: Locale) -> String {
        locale.text(self.keys().0)
    }

    /// What it means and what to do.
    pub fn text(self, locale: Locale) -> String {
        locale.text(self.keys().1)
    }

    fn keys(self) -> (&'static str, &'static str) {
        match self {
            PageProblem::EmbeddedBrowser => ("error-embedded-browser", "error-embedded-browser-more"),
            PageProblem::ForgedForm => ("error-forged-form", "error-forged-form-more"),
            PageProblem::Framed => ("error-framed", "error-framed-more"),
            PageProblem::Malformed => ("error-malformed", "error-malformed-more"),
            PageProblem::NotFound => ("error-not-found", "error-not-found-more"),
            PageProblem::OtherBrowser => ("error-other-browser", "error-other-browser-more"),
            PageProblem::RequestGone => ("error-request-gone", "error-request-gone-more"),
            PageProblem::ServerFault => ("error-server-fault", "error-server-fault-more"),
            PageProblem::TooBusy => ("error-too-busy", "error-too-busy-more"),
            PageProblem::UnknownClient => ("error-unknown-client", "error-unknown-client-more"),
            PageProblem::UnknownRedirect => ("error-unknown-redirect", "error-unknown-redirect-more"),
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    l: Locale,
    server_host: &'a str,
    title: String,
    text: String,
    detail: &'a Detail,
    error: Option<&'a str>,
    back: Option<(&'a str, String)>,
}

impl ErrorView {
    /// The page as HTML.
    pub fn render(&self, locale: Locale) -> String {
        let back = self.back.as_ref().filter(|back| is_own_path(&back.href) || is_target(&back.href));
        let page = ErrorPage {
            l: locale,
            server_host: &self.server_host,
            title: safe_text(&self.title, TITLE),
            text: safe_text(&self.text, SENTENCE),
            detail: &self.detail,
            error: None,
            back: back.map(|back| (back.href.as_str(), go_to(&back.destination, locale))),
        };
        finish(&page)
    }
}

#[derive(Template)]
#[template(path = "return_error.html")]
struct ReturnPage<'a> {
    l: Locale,
    server_host: &'a str,
    title: String,
    lead: Vec<Run>,
    destination: Vec<Run>,
    button: String,
    detail: &'a Detail,
    error: Option<&'a str>,
    target: Option<&'a ReturnTarget>,
}

impl ReturnErrorView {
    /// The page as HTML.
    pub fn render(&self, locale: Locale) -> String {
        let client = name_or(&self.client_name, locale, "app-unnamed");
        let (ReturnTarget::Link(uri) | ReturnTarget::Post { action: uri, .. }) = &self.target;
        let page = ReturnPage {
            l: locale,
            server_host: &self.server_host,
            title: locale.text("return-title"),
            lead: locale.runs("return-lead", &[("client", Fill::Text(&client))]),
            destination: destination(&self.destination, locale),
            button: go_to(&self.destination, locale),
            detail: &self.detail,
            error: Some(&self.error),
            target: is_target(uri).then_some(&self.target),
        };
        finish(&page)
    }
}

#[derive(Template)]
#[template(path = "rule.html")]
struct RulePage<'a> {
    l: Locale,
    server_host: &'a str,
    title: String,
    view: &'a RuleView,
    section_uri: Option<String>,
}

impl RuleView {
    /// The page as HTML.
    pub fn render(&self, locale: Locale) -> String {
        let section_uri = self.section_uri.as_deref().and_then(link).map(|link| link.href);
        finish(&RulePage {
            l: locale,
            server_host: &self.server_host,
            title: safe_text(&self.rule, TITLE),
            view: self,
            section_uri,
        })
    }
}

fn go_to(destination: &Destination, locale: Locale) -> String {
    let place = safe_text(destination.label(), ADDRESS);
    locale.fill("go-to", &[("place", Fill::Text(&place))])
}

/// A path on this origin: `//host` and `/\host` would lead elsewhere.
fn is_own_path(href: &str) -> bool {
    href.starts_with('/') && !href[1..].starts_with(['/', '\\']) && !href.contains(|c: char| c.is_control())
}
