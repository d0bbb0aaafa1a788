//! What scripts share: the programs of one run, and the moves that people and attackers make in every scene.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::browser::{Browser, Page};
use super::house::{House, Person};
use super::record::{Party, Recorder};
use super::{Defence, Ending, Loot};
use crate::careless::{CarelessConfig, KnownServer};
use crate::malicious::{Malicious, MaliciousConfig};
use crate::public_client::PublicClient;
use crate::{Secret, Surroundings, careless, malicious, mask, robot};

/// One run of one scene. Its programs end with it.
pub struct Act {
    /// Whether the defence stands.
    pub defence: Defence,
    /// The honest server, its mailbox and its people.
    pub house: Arc<House>,
    /// Everything goes through it.
    pub recorder: Recorder,
    /// Of this run, and of no other.
    pub number: u64,
    programs: Mutex<JoinSet<()>>,
}

/// A socket that is open already, because a program's address is needed before the program.
pub struct Spot {
    socket: TcpListener,
    /// Its origin.
    pub origin: String,
}

/// Runs differ in their clients and in what is written, so that nothing of an earlier run counts for a later one.
static SERIAL: AtomicU64 = AtomicU64::new(1);

impl Act {
    /// Prepares a run at this house, written down by `recorder`.
    pub fn new(house: Arc<House>, defence: Defence, recorder: Recorder) -> Act {
        recorder.know(&house.issuer, Party::Server);
        recorder.know(&house.mailbox, Party::Mailbox);
        let number = SERIAL.fetch_add(1, Ordering::Relaxed);
        Act { defence, house, recorder, number, programs: Mutex::default() }
    }

    /// Puts a word between the arrows.
    pub fn say(&self, words: &str) {
        self.recorder.say(words);
    }

    /// A fresh browser.
    pub fn browser(&self, party: Party) -> Browser {
        Browser::over(self.recorder.wire(party))
    }

    /// Opens a port for a program of that party.
    pub async fn spot(&self, party: Party) -> Result<Spot> {
        let socket = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let origin = format!("http://{}", socket.local_addr()?);
        self.recorder.know(&origin, party);
        Ok(Spot { socket, origin })
    }

    /// Runs a program there.
    pub fn serve(&self, spot: Spot, router: Router) {
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.spawn(async move {
            if let Err(error) = axum::serve(spot.socket, router).await {
                tracing::error!(%error, "a program of the lab stopped");
            }
        });
    }

    /// Registers the robot as a confidential web client with this origin.
    pub async fn web_client(&self, origin: &str) -> Result<Value> {
        // Without PKCE only the careless one can work; the server makes the operator say so.
        let may_leave_out_pkce = self.defence == Defence::Off;
        self.house.client(json!({
            "client_id": format!("mail-robot-{}", self.number),
            "client_name": "Mail robot",
            "application_type": "web",
            "redirect_uris": [format!("{origin}/callback")],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": if may_leave_out_pkce { "client_secret_post" } else { "client_secret_basic" },
            "scope": "openid mail:read mail:send",
            "resources": [self.house.mailbox],
            "danger_allow_missing_pkce": may_leave_out_pkce,
        })).await
    }

    /// A native app, which is public: the straw's own, or one that is registered now.
    pub async fn native_client(&self) -> Result<String> {
        if let Some(id) = self.house.native_client() {
            return Ok(id.to_owned());
        }
        let client = self
            .house
            .client(json!({
                "client_id": format!("mail-app-{}", self.number),
                "client_name": "Mail on the go",
                "application_type": "native",
                "redirect_uris": ["http://127.0.0.1/callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_method": "none",
                "scope": "openid mail:read mail:send",
                "resources": [self.house.mailbox],
            }))
            .await?;
        Ok(client["client_id"].as_str().context("a client without an id")?.to_owned())
    }

    /// The house's server, as the careless robot has it in its settings.
    pub fn known(&self, client: &Value) -> KnownServer {
        let text = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
        KnownServer {
            name: "Mail".to_owned(),
            authorization_endpoint: format!("{}/authorize", self.house.issuer),
            token_endpoint: format!("{}/token", self.house.issuer),
            client_id: text("client_id"),
            client_secret: client["client_secret"].as_str().map(|secret| Secret::new(secret.to_owned())),
        }
    }

    /// Starts the robot of this run, careless or careful, and gives its origin.
    pub async fn robot(&self, banner: Option<String>) -> Result<String> {
        let spot = self.spot(Party::App).await?;
        let origin = spot.origin.clone();
        let client = self.web_client(&origin).await?;
        let wire = self.recorder.wire(Party::App);
        let mailbox_url = self.house.mailbox.clone();
        let router = match self.defence {
            Defence::Off => {
                let servers = vec![self.known(&client)];
                careless::router(CarelessConfig { origin: origin.clone(), servers, mailbox_url, banner }, wire)
            }
            Defence::On => self.careful(&client, &self.house.issuer, &origin)?,
        };
        self.serve(spot, router);
        Ok(origin)
    }

    /// The careful robot at this origin, as that client of that issuer.
    pub fn careful(&self, client: &Value, issuer: &str, origin: &str) -> Result<Router> {
        let text = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
        let config = robot::RobotConfig {
            origin: origin.to_owned(),
            issuer: issuer.to_owned(),
            client_id: text("client_id"),
            client_secret: Secret::new(text("client_secret")),
            mailbox_url: self.house.mailbox.clone(),
            surroundings: Surroundings::system(),
        };
        Ok(robot::router_over(config, self.recorder.wire(Party::App))?)
    }

    /// Starts a native app that does everything right: its redirect address, and its moves.
    pub async fn native_app(&self, client_id: &str) -> Result<PublicClient> {
        let spot = self.spot(Party::App).await?;
        let app = self.public_client(Party::App, client_id, &format!("{}/callback", spot.origin));
        let done = || async { Html("<!doctype html>\n<title>You can close this tab</title>") };
        self.serve(spot, Router::new().route("/callback", get(done)));
        Ok(app)
    }

    /// The moves of that app, made by that party.
    fn public_client(&self, party: Party, client_id: &str, redirect_uri: &str) -> PublicClient {
        PublicClient {
            issuer: self.house.issuer.clone(),
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            mailbox_url: self.house.mailbox.clone(),
            wire: self.recorder.wire(party),
            surroundings: Surroundings::system(),
        }
    }

    /// Starts the attacker's site. `client_id` and `redirect_uri` are those of the app he passes himself off as.
    pub async fn malicious(&self, client_id: &str, redirect_uri: Option<&str>) -> Result<Arc<Malicious>> {
        let spot = self.spot(Party::Attacker).await?;
        let claimed = redirect_uri.map_or_else(|| format!("{}/callback", spot.origin), str::to_owned);
        let config = MaliciousConfig {
            origin: spot.origin.clone(),
            app: self.public_client(Party::Attacker, client_id, &claimed),
            offer: format!("{}/", spot.origin),
        };
        let malicious = Malicious::new(config);
        self.serve(spot, malicious::router(malicious.clone()));
        Ok(malicious)
    }

    /// Opens the robot and presses "connect".
    pub async fn connect(&self, browser: &mut Browser, robot: &str) -> Result<Page> {
        let home = browser.open(&format!("{robot}/")).await?;
        let form = home.form("/connect")?;
        browser.send(&home, form).await
    }

    /// Signs in on the server's page, and gives the page that follows.
    pub async fn sign_in(&self, browser: &mut Browser, page: &Page, person: &Person) -> Result<Page> {
        let form = page.form("/sign-in")?;
        let form = form.fill("username", &person.username).fill("password", person.password.expose());
        let _door = self.house.door.lock().await;
        browser.send(page, form).await
    }

    /// Signs in and decides: `allow` or `deny`.
    pub async fn decide(&self, browser: &mut Browser, page: Page, person: &Person, decision: &str) -> Result<Page> {
        let page = self.sign_in(browser, &page, person).await?;
        let form = page.form("/consent")?.fill("decision", decision);
        browser.send(&page, form).await
    }

    /// The page must be a good one, for the scene to go on.
    pub fn went_well(&self, page: &Page, what: &str) -> Result<()> {
        match page.problem() {
            None => Ok(()),
            Some(why) => bail!("{what}: {why}"),
        }
    }
}

/// The attacker read these mails with what he got.
pub fn read(subjects: &[String], how: &str, mut loot: Vec<Loot>) -> Ending {
    let count = subjects.len();
    let mails = if count == 1 { "1 mail".to_owned() } else { format!("{count} mails") };
    let titles: Vec<String> = subjects.iter().map(|subject| format!("“{subject}”")).collect();
    loot.push(Loot { what: format!("Ada's {mails}"), shown: titles.join(", "), proof: how.to_owned() });
    Ending { attacker_won: count > 0, verdict: format!("The attacker read {mails} of Ada's."), loot }
}

/// The attack came to nothing.
pub fn refused(verdict: impl Into<String>, loot: Vec<Loot>) -> Ending {
    Ending { attacker_won: false, verdict: verdict.into(), loot }
}

/// A secret in the attacker's hands.
pub fn held(what: &str, value: &str, proof: &str) -> Loot {
    Loot { what: what.to_owned(), shown: mask::traced("token", value), proof: proof.to_owned() }
}
