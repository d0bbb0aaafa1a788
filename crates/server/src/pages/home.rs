//! `/`: what this server is.

use askama::Template;

use super::Assets;
use super::locale::Locale;
use super::sign_in::finish;

/// The home page: for people who typed the address, and for developers who look for the metadata.
#[derive(Clone, Debug)]
pub struct HomeView {
    /// This server's own host, with the port if it has one.
    pub server_host: String,
    /// The issuer identifier.
    pub issuer: String,
    /// Addresses of the metadata documents and the keys, as paths or URLs on this server.
    pub metadata: Vec<String>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    l: Locale,
    server_host: &'a str,
    title: String,
    view: &'a HomeView,
}

impl HomeView {
    /// The page as HTML.
    pub fn render(&self, locale: Locale) -> String {
        finish(&Page { l: locale, server_host: &self.server_host, title: locale.text("home-title"), view: self })
    }
}
