//! What a case has at hand: the target, its clients and endpoints, a recorder, and the steps of the protocol.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use crate::control::Lifeless;
use crate::features::Known;
use crate::flow::person::{Person, Sessions};
use crate::http::jar::Jar;
use crate::http::{Answer, Http, Request};
use crate::person::Browser;
use crate::target::{Client, Resource, Target, User};
use crate::verdict::Stop;

/// What all cases of a run share.
pub struct Shared {
    /// The target file.
    pub target: Target,
    /// The metadata document; null if there is none.
    pub metadata: Value,
    /// Sends, and bounds what is sent.
    pub http: Http,
    /// Sessions of the user, once somebody has signed in.
    pub(crate) sessions: Sessions,
    /// Whether anything honest works: see [`crate::control`].
    pub(crate) lifeless: OnceCell<Option<Lifeless>>,
    /// The browser for pages that need script, once one was needed. One visit at a time.
    pub(crate) browser: tokio::sync::Mutex<Option<Browser>>,
    /// Features that were tried.
    pub(crate) features: tokio::sync::Mutex<BTreeMap<String, Known>>,
}

impl Shared {
    /// For one run.
    #[must_use]
    pub fn new(target: Target, metadata: Value, http: Http) -> Arc<Self> {
        Arc::new(Self::made(target, metadata, http, OnceCell::new()))
    }

    /// For a run against a target that cannot be reached: nothing is sent, and every case says why.
    #[must_use]
    pub fn out_of_reach(target: Target, http: Http, why: String) -> Arc<Self> {
        let lifeless = Lifeless::new(why, http.recorded());
        Arc::new(Self::made(target, Value::Null, http, OnceCell::new_with(Some(Some(lifeless)))))
    }

    fn made(target: Target, metadata: Value, http: Http, lifeless: OnceCell<Option<Lifeless>>) -> Self {
        let sessions = Sessions::new(target.limits.parallel);
        Self {
            target,
            metadata,
            http,
            sessions,
            lifeless,
            browser: tokio::sync::Mutex::default(),
            features: tokio::sync::Mutex::default(),
        }
    }
}

/// A client with its role.
#[derive(Debug, Clone)]
pub struct Role {
    /// `web`, `other`, `native` and so on.
    pub role: String,
    /// As the target file has it.
    pub client: Client,
}

impl std::ops::Deref for Role {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Role {
    /// Its redirect URI.
    ///
    /// # Errors
    /// Inconclusive, if the target file names none.
    pub fn redirect_uri(&self) -> Result<&str, Stop> {
        self.client.redirect_uri.as_deref().ok_or_else(|| lacks(&format!("clients.{}.redirect_uri", self.role)))
    }
}

/// The context of one case.
#[derive(Clone)]
pub struct Cx {
    /// What all cases share.
    pub shared: Arc<Shared>,
    /// Sends and records for this case.
    pub http: Http,
}

fn lacks(what: &str) -> Stop {
    Stop::inconclusive(format!("the target file names no `{what}`"))
}

impl Cx {
    /// For one case, with an empty record. On this machine each case comes from an address of its own, so that what one
    /// gets wrong on purpose is not counted against the next.
    #[must_use]
    pub fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: shared.clone(), http: shared.http.recorder() }.elsewhere()
    }

    /// The target file.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// The client of that role.
    ///
    /// # Errors
    /// Inconclusive, if the target file has none.
    pub fn client(&self, role: &str) -> Result<Role, Stop> {
        let client = self.target().clients.get(role).cloned().ok_or_else(|| lacks(&format!("clients.{role}")))?;
        Ok(Role { role: role.to_owned(), client })
    }

    /// The person who signs in.
    ///
    /// # Errors
    /// Inconclusive, if the target file has none.
    pub fn user(&self) -> Result<&User, Stop> {
        self.target().user.as_ref().ok_or_else(|| lacks("user"))
    }

    /// The protected API.
    ///
    /// # Errors
    /// Inconclusive, if the target file has none.
    pub fn resource(&self) -> Result<&Resource, Stop> {
        self.target().resource.as_ref().ok_or_else(|| lacks("resource"))
    }

    /// An endpoint by its metadata name, from the target file or the metadata.
    #[must_use]
    pub fn find_endpoint(&self, name: &str) -> Option<Url> {
        let given = self.target().endpoints.get(name).cloned();
        given.or_else(|| self.shared.metadata[name].as_str().and_then(|url| Url::parse(url).ok()))
    }

    /// An endpoint by its metadata name.
    ///
    /// # Errors
    /// Inconclusive, if neither the metadata nor the target file has it.
    pub fn endpoint(&self, name: &str) -> Result<Url, Stop> {
        let missing = || Stop::inconclusive(format!("neither the metadata nor the target file names a `{name}`"));
        self.find_endpoint(name).ok_or_else(missing)
    }

    /// A metadata value; null if absent.
    #[must_use]
    pub fn metadata(&self, name: &str) -> &Value {
        &self.shared.metadata[name]
    }

    /// Whether a list in the metadata holds this word.
    #[must_use]
    pub fn announces(&self, list: &str, word: &str) -> bool {
        self.metadata(list).as_array().is_some_and(|words| words.iter().any(|found| found == word))
    }

    /// A browser that has the user's session, if one signed in before in this run. It signs in when a page asks.
    #[must_use]
    pub fn person(&self) -> Person {
        let jar = self.shared.sessions.peek().unwrap_or_default();
        Person { jar: jar.clone(), user: self.target().user.clone(), shared: Some(jar) }
    }

    /// A new browser of the user: no cookies, and its session is not shared with other cases.
    #[must_use]
    pub fn fresh_person(&self) -> Person {
        Person { jar: Jar::default(), user: self.target().user.clone(), shared: None }
    }

    /// A new browser of the second user.
    ///
    /// # Errors
    /// Inconclusive, if the target file has none.
    pub fn second_person(&self) -> Result<Person, Stop> {
        let user = self.target().second_user.clone().ok_or_else(|| lacks("second_user"))?;
        Ok(Person { jar: Jar::default(), user: Some(user), shared: None })
    }

    /// A new browser whose person knows no password.
    #[must_use]
    pub fn stranger(&self) -> Person {
        Person { jar: Jar::default(), user: None, shared: None }
    }

    /// The same case from another address of this machine, where the target is on 127.0.0.0/8: wrong credentials and
    /// floods are then not counted against the address of the honest requests. Elsewhere it is the same address.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        let mut bytes = [0; 3];
        if !self.has_other_sources() || aws_lc_rs::rand::fill(&mut bytes).is_err() {
            return self.clone();
        }
        // 127.1.1.1 to 127.254.254.254: never the usual 127.0.0.1.
        let [a, b, c] = bytes.map(|byte| byte % 254 + 1);
        Self { http: self.http.from(Ipv4Addr::new(127, a, b, c)), ..self.clone() }
    }

    /// Whether [`Self::elsewhere`] is another address.
    #[must_use]
    pub fn has_other_sources(&self) -> bool {
        let host = Url::parse(&self.target().issuer).ok();
        cfg!(target_os = "linux")
            && matches!(host.as_ref().and_then(Url::host), Some(url::Host::Ipv4(address)) if address.is_loopback())
    }

    /// Fetches a URL of the target, without cookies.
    ///
    /// # Errors
    /// Inconclusive, with the cause.
    pub async fn get(&self, what: &str, url: &Url) -> Result<Answer, Stop> {
        Ok(self.http.send(&Request::get(what, url.clone())).await?)
    }

    /// Sends any request.
    ///
    /// # Errors
    /// Inconclusive, with the cause.
    pub async fn send(&self, request: &Request) -> Result<Answer, Stop> {
        Ok(self.http.send(request).await?)
    }

    /// Sends bytes that no library would send.
    ///
    /// # Errors
    /// Inconclusive, with the cause.
    pub async fn raw(&self, what: &str, url: &Url, bytes: &[u8]) -> Result<Answer, Stop> {
        Ok(self.http.send_bytes(what, url, bytes).await?)
    }
}

/// 256 random bits in base64url: 43 characters.
#[must_use]
pub fn random() -> String {
    let mut bytes = [0; 32];
    // The operating system's generator fails on no system that can run this.
    aws_lc_rs::rand::fill(&mut bytes).expect("random numbers");
    BASE64URL_NOPAD.encode(&bytes)
}
