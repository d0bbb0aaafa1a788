//! The rest of a way through pages that need script, in Chromium.

use std::time::Duration;

use url::Url;

use crate::cx::Cx;
use crate::flow::landing::{Landing, Mode, Stopped, is_registered};
use crate::flow::person::Person;
use crate::http::Answer;
use crate::params::Params;
use crate::person::chromium::{Arrival, Order, Settings, Visited};
use crate::person::driver::{Errand, Kind};
use crate::person::{Browser, BrowserError, Page};
use crate::verdict::Stop;

impl From<BrowserError> for Stop {
    fn from(error: BrowserError) -> Self {
        Self::Inconclusive(error.to_string())
    }
}

impl Cx {
    /// Goes on from a page that was fetched. The browser has the person's cookies, and gives back what became of them.
    ///
    /// # Errors
    /// Inconclusive, without a browser or if it fails.
    pub(super) async fn in_browser(
        &self,
        person: &mut Person,
        url: &Url,
        page: &Answer,
        errand: Errand<'_>,
    ) -> Result<Landing, Stop> {
        let away = |to: &Url| errand.callbacks.iter().any(|own| is_registered(to, own)) || !self.http.is_inside(to);
        let patience = Duration::from_secs(self.target().limits.exchange_seconds);
        let order =
            Order { start: url, loaded: Some(page), errand, away: &away, cookies: person.jar.cookies(), patience };
        let visited = self.visit(&order).await?;
        person.jar.replace(visited.cookies);
        for exchange in visited.exchanges {
            self.http.keep(exchange);
        }
        Ok(landing(visited.arrival, visited.answer, errand.callbacks))
    }

    /// A browser that fails is not used again: the next visit gets a new one.
    async fn visit(&self, order: &Order<'_>) -> Result<Visited, Stop> {
        let mut place = self.shared.browser.lock().await;
        let mut browser = match place.take() {
            Some(browser) => browser,
            None => {
                let target = self.target();
                let settings = Settings { program: target.pages.browser.clone(), ca_file: target.ca_file.clone() };
                Browser::start(&settings).await?
            }
        };
        let visited = browser.visit(order).await?;
        *place = Some(browser);
        Ok(visited)
    }
}

fn landing(arrival: Arrival, answer: Answer, callbacks: &[Url]) -> Landing {
    match arrival {
        Arrival::Landing { to, parameters } => away(to, parameters, answer, callbacks),
        Arrival::Page(_, Kind::FormPost { to, parameters }) => away(to, Some(parameters), answer, callbacks),
        Arrival::Page(page, kind) => {
            let (stopped, reason) = match kind {
                Kind::SignIn => (Stopped::SignIn, "it asks who is there"),
                Kind::Consent => (Stopped::Consent, "it asks for consent"),
                _ => (Stopped::Other, "a page of the server"),
            };
            page_end(*page, stopped, answer, reason.to_owned())
        }
        Arrival::Stuck(page, reason) => page_end(*page, Stopped::Other, answer, reason),
    }
}

fn away(to: Url, posted: Option<Vec<(String, String)>>, answer: Answer, callbacks: &[Url]) -> Landing {
    let registered = callbacks.iter().any(|callback| is_registered(&to, callback));
    match posted {
        Some(parameters) => {
            Landing::Away { url: to, registered, mode: Mode::FormPost, params: Params(parameters), answer }
        }
        None => Landing::redirect(to, registered, answer),
    }
}

fn page_end(page: Page, stopped: Stopped, answer: Answer, reason: String) -> Landing {
    Landing::Page { stopped, url: page.url, answer, reason }
}
