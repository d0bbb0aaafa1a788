//! `response_mode=form_post`: the answer travels to the app in a form that this page submits.

use askama::Template;

use super::Assets;
use super::display::{Destination, is_target};
use super::locale::{Locale, Run};
use super::sign_in::{destination, finish};

/// The page that hands the answer over. A static script submits its form; without script there is a button.
///
/// <https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html#FormPostResponseMode>
#[derive(Clone, Debug)]
pub struct FormPostView {
    /// This server's own host, with the port if it has one.
    pub server_host: String,
    /// The redirect URI, already verified.
    pub action: String,
    /// Names and values of the answer, sent as they are.
    pub fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct Page<'a> {
    l: Locale,
    server_host: &'a str,
    title: String,
    destination: Vec<Run>,
    action: Option<&'a str>,
    fields: &'a [(String, String)],
}

impl FormPostView {
    /// The page as HTML. An action that is no address for an answer is left out, and with it the form.
    pub fn render(&self, locale: Locale) -> String {
        let page = Page {
            l: locale,
            server_host: &self.server_host,
            title: locale.text("form-post-title"),
            destination: destination(&Destination::of(&self.action), locale),
            action: is_target(&self.action).then_some(&self.action),
            fields: &self.fields,
        };
        finish(&page)
    }
}
