//! One way through a server's pages in a browser.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::driver::{self, Action, Kind, Visit};
use super::super::page::Page;
use super::network::{Network, Tab};
use super::{Arrival, Browser, BrowserError, Order, Visited, act, cookies};
use crate::http::jar::Cookie;

/// Without news for so long a page has settled.
const QUIET: Duration = Duration::from_millis(200);
/// Between two looks at a page that is waited for.
const LOOK: Duration = Duration::from_millis(150);
/// A visit takes at most so many times the patience for one page.
const PAGES: u32 = 6;

impl Browser {
    /// Walks through the pages as the errand says, in a context of its own: what it knows are the cookies of the order.
    ///
    /// # Errors
    /// Only if the browser fails. A server that fails is an [`Arrival::Stuck`].
    pub async fn visit(&mut self, order: &Order<'_>) -> Result<Visited, BrowserError> {
        let tab = self.open(order.cookies).await?;
        let mut network = Network::default();
        let arrival = self.walk(&tab, order, &mut network).await?;
        let cookies = self.cookies(&tab).await?;
        self.cdp.post("", "Target.disposeBrowserContext", json!({ "browserContextId": tab.context })).await?;
        Ok(Visited { arrival, cookies, exchanges: network.exchanges, answer: network.answer })
    }

    async fn open(&mut self, cookies: &[Cookie]) -> Result<Tab, BrowserError> {
        let cdp = &mut self.cdp;
        let text = |answer: &Value, name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let context = text(
            &cdp.call("", "Target.createBrowserContext", json!({ "disposeOnDetach": true })).await?,
            "browserContextId",
        );
        let cookies: Vec<Value> = cookies.iter().map(cookies::to_cdp).collect();
        cdp.call("", "Storage.setCookies", json!({ "cookies": cookies, "browserContextId": context })).await?;
        let target =
            cdp.call("", "Target.createTarget", json!({ "url": "about:blank", "browserContextId": context })).await?;
        let target = text(&target, "targetId");
        let session = cdp.call("", "Target.attachToTarget", json!({ "targetId": target, "flatten": true })).await?;
        let session = text(&session, "sessionId");
        cdp.call(&session, "Page.enable", json!({})).await?;
        cdp.call(&session, "Network.enable", json!({})).await?;
        cdp.call(&session, "Fetch.enable", Network::patterns()).await?;
        Ok(Tab { target, session, context })
    }

    async fn cookies(&mut self, tab: &Tab) -> Result<Vec<Cookie>, BrowserError> {
        let kept = self.cdp.call("", "Storage.getCookies", json!({ "browserContextId": tab.context })).await?;
        Ok(kept["cookies"].as_array().into_iter().flatten().filter_map(cookies::from_cdp).collect())
    }

    async fn walk(&mut self, tab: &Tab, order: &Order<'_>, network: &mut Network) -> Result<Arrival, BrowserError> {
        self.cdp.post(&tab.session, "Page.navigate", json!({ "url": order.start.as_str() })).await?;
        let end = Instant::now() + order.patience * PAGES;
        let mut visit = Visit::new(order.errand);
        let mut documents = 0;
        let mut answered = None;
        loop {
            let settled = self.settle(tab, order, network, &mut documents, &answered, end).await?;
            let (page, state) = match settled {
                Settled::Landed(arrival) => return Ok(arrival),
                Settled::Page(page, state) => (page, state),
                Settled::Lost(why) => return Ok(Arrival::Stuck(Box::new(Page::read(order.start, 0, "")), why)),
            };
            if answered.as_ref() == Some(&state) {
                let complaint = act::complaint(&mut self.cdp, tab).await?;
                let why = format!("{} did not change after it was answered{complaint}", page.sketch());
                return Ok(Arrival::Stuck(Box::new(page), why));
            }
            match visit.decide(&page) {
                Action::Done(kind) => return Ok(Arrival::Page(Box::new(page), kind)),
                Action::Stuck(why) => return Ok(Arrival::Stuck(Box::new(page), why)),
                Action::Submit(press) => act::submit(&mut self.cdp, tab, &page, &press).await?,
                Action::Follow { mark: Some(mark), .. } => act::click(&mut self.cdp, tab, &mark).await?,
                Action::Follow { mark: None, .. } => {}
            }
            answered = Some(state);
        }
    }

    /// Waits until there is a page that is not the one that was answered, and that makes sense; or until patience ends.
    async fn settle(
        &mut self,
        tab: &Tab,
        order: &Order<'_>,
        network: &mut Network,
        documents: &mut usize,
        answered: &Option<State>,
        end: Instant,
    ) -> Result<Settled, BrowserError> {
        let until = (Instant::now() + order.patience).min(end);
        let mut last = None;
        loop {
            self.quiet(tab, order, network, documents, until).await?;
            if let Some(arrival) = network.landed.take() {
                return Ok(Settled::Landed(arrival));
            }
            if let Some(why) = &network.failure {
                return Ok(Settled::Lost(format!("Chromium could not load the page: {why}")));
            }
            if let Some(page) = act::snapshot(&mut self.cdp, tab, network.answer.status).await?
                && page.url.scheme() != "about"
            {
                let state = State { document: *documents, print: page.fingerprint(), alerts: page.alerts.clone() };
                let ready = answered.as_ref() != Some(&state) && makes_sense(&page, order);
                // A page that script is still making is not yet what it will be.
                if ready && last.as_ref() == Some(&state) || Instant::now() >= until {
                    return Ok(Settled::Page(page, state));
                }
                last = Some(state);
            } else if Instant::now() >= until {
                return Ok(Settled::Lost(format!("there was no page within {} seconds", order.patience.as_secs())));
            }
        }
    }

    /// Handles what happens until nothing has for a moment.
    async fn quiet(
        &mut self,
        tab: &Tab,
        order: &Order<'_>,
        network: &mut Network,
        documents: &mut usize,
        until: Instant,
    ) -> Result<(), BrowserError> {
        let mut wait = LOOK;
        while network.landed.is_none() {
            let Some(event) = self.cdp.event((Instant::now() + wait).min(until)).await? else {
                if network.waiting.is_empty() || Instant::now() >= until {
                    return Ok(());
                }
                continue;
            };
            if event.session != tab.session {
                continue;
            }
            wait = QUIET;
            match event.method.as_str() {
                "Fetch.requestPaused" => network.paused(&mut self.cdp, tab, order, &event.params).await?,
                "Page.frameRequestedNavigation" => {
                    network.requested(order, event.params["url"].as_str().unwrap_or_default())
                }
                "Page.frameNavigated" if event.params["frame"]["id"] == tab.target.as_str() => {
                    *documents += 1;
                    network.waiting.clear();
                }
                "Page.javascriptDialogOpening" => {
                    self.cdp.post(&tab.session, "Page.handleJavaScriptDialog", json!({ "accept": true })).await?;
                }
                method => network.note(method, &event.params),
            }
        }
        Ok(())
    }
}

enum Settled {
    Landed(Arrival),
    Page(Page, State),
    Lost(String),
}

/// What tells two looks at a tab apart.
#[derive(Debug, PartialEq, Eq)]
struct State {
    document: usize,
    print: String,
    alerts: Vec<String>,
}

/// A page that moves on by itself is let do so; one of script alone may not be there yet.
fn makes_sense(page: &Page, order: &Order<'_>) -> bool {
    match driver::kind(page, &order.errand) {
        Kind::SignIn | Kind::Consent | Kind::Error | Kind::Next => true,
        Kind::Other => !page.scripts,
        Kind::FormPost { .. } | Kind::SelfPosting | Kind::Redirect(_) => false,
    }
}
