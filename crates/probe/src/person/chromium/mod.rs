//! The person in a real browser, for pages that need script: a Chromium without a window, steered over the Chrome DevTools
//! Protocol. A client's address is never fetched: the browser is stopped on its way there, and where it was going is told.

mod act;
mod cdp;
mod cookies;
mod network;
mod process;
mod visit;

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use self::cdp::Cdp;
use self::process::Process;
use super::driver::{Errand, Kind};
use super::page::Page;
use crate::exchange::Exchange;
use crate::http::Answer;
use crate::http::jar::Cookie;

/// Why a browser cannot be had, or was lost. A case that meets this is inconclusive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// No program to start.
    #[error("no Chromium was found (tried {0}): name one in the target file or in CHROMIUM")]
    NotFound(String),
    /// It was started, but cannot be steered.
    #[error("Chromium did not start: {0}")]
    NotStarted(String),
    /// It went away.
    #[error("Chromium was lost: {0}")]
    Lost(String),
    /// It did not answer in time.
    #[error("Chromium did not answer within {0} seconds")]
    Silent(u64),
    /// It refused what it was asked for.
    #[error("Chromium refused {0}")]
    Refused(String),
}

/// How to start.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The program; without, `$CHROMIUM` and the usual names are tried.
    pub program: Option<PathBuf>,
    /// Certificates to believe beside the system's: the PEM file of the target. Chromium believes them only as the server
    /// sends them, so the file must hold the server's own certificate or one that it sends along.
    pub ca_file: Option<PathBuf>,
}

/// A running browser. One visit at a time; not to be used again after one that failed or was given up half-way. Ends and is
/// cleaned up when dropped.
#[derive(Debug)]
pub struct Browser {
    cdp: Cdp,
    process: Process,
}

/// One way through a server's pages.
pub struct Order<'a> {
    /// Where to begin.
    pub start: &'a Url,
    /// What stands there, if that has been fetched already: the browser is given it and does not ask again.
    pub loaded: Option<&'a Answer>,
    /// What the person is told.
    pub errand: Errand<'a>,
    /// Whether an address is a client's, or not the server's. Nothing is fetched there, and a page that leads there has
    /// landed.
    pub away: &'a (dyn Fn(&Url) -> bool + Sync),
    /// What the browser knows already.
    pub cookies: &'a [Cookie],
    /// After so long at one page without a change the person gives up.
    pub patience: Duration,
}

/// Where the visit ended.
#[derive(Debug)]
pub enum Arrival {
    /// On the way to a client, or anywhere that is not the server.
    Landing {
        /// The full address, with its fragment.
        to: Url,
        /// The body of a form that posts itself there (OAuth 2.0 Form Post Response Mode).
        parameters: Option<Vec<(String, String)>>,
    },
    /// At a page of the server where the errand was to end.
    Page(Box<Page>, Kind),
    /// At a page where it was not, and why.
    Stuck(Box<Page>, String),
}

/// What came of a visit.
#[derive(Debug)]
pub struct Visited {
    /// Where it ended.
    pub arrival: Arrival,
    /// What the browser knows now: to go on with, in another visit or over plain HTTP.
    pub cookies: Vec<Cookie>,
    /// Pages and calls of script, in order.
    pub exchanges: Vec<Exchange>,
    /// The last page's answer or redirect.
    pub answer: Answer,
}

impl Browser {
    /// Starts a browser with a profile of its own.
    ///
    /// # Errors
    /// [`BrowserError::NotFound`] without one on this machine, [`BrowserError::NotStarted`] within 30 seconds.
    pub async fn start(settings: &Settings) -> Result<Self, BrowserError> {
        let process = Process::start(settings).await?;
        let cdp = Cdp::connect(process.port, &process.path).await?;
        Ok(Self { cdp, process })
    }

    /// The folder of its profile. It is removed with the browser.
    #[must_use]
    pub fn profile(&self) -> &Path {
        &self.process.profile
    }
}
