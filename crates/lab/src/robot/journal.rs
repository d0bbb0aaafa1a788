//! What happened, step by step, as the requests really went. Credentials are masked before they are kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use client::{Transport, TransportError};
use http::{Method, Request, Response, header};
use serde_json::Value;

use super::RobotConfig;
use crate::{Wire, mask};

const MAX_STEPS: usize = 24;

const READ: &str = "API call: read messages";
const KEYS: &str = "Server keys";
const METADATA: &str = "Server metadata";

/// One request or redirect.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) number: usize,
    pub(super) title: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) why: &'static str,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) sent: Vec<Pair>,
    pub(super) status: String,
    pub(super) is_bad: bool,
    pub(super) got: Vec<Pair>,
    /// Whether the panel shows it unfolded.
    pub(super) is_open: bool,
}

/// One parameter, safe to show, with a word on what it is for.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) note: &'static str,
}

impl Pair {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self { name: mask::cut(name), value: mask::shown(name, value), note: note(name) }
    }
}

/// The steps of one browser session, the oldest forgotten first.
#[derive(Debug, Default)]
pub(super) struct Journal(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    steps: Vec<Step>,
    last: usize,
    last_shown: usize,
}

impl Journal {
    pub(super) fn add(&self, mut step: Step) {
        let mut held = self.held();
        held.last += 1;
        step.number = held.last;
        if held.steps.len() >= MAX_STEPS {
            held.steps.remove(0);
        }
        held.steps.push(step);
    }

    /// The steps for a page. The most telling one since the last page is unfolded.
    pub(super) fn show(&self) -> Vec<Step> {
        let mut held = self.held();
        let mut steps = held.steps.clone();
        let is_telling = |step: &&mut Step| {
            step.number > held.last_shown && (step.is_bad || !matches!(step.title, READ | KEYS | METADATA))
        };
        if let Some(step) = steps.iter_mut().rev().find(is_telling) {
            step.is_open = true;
        } else if let Some(step) = steps.last_mut() {
            step.is_open = true;
        }
        held.last_shown = held.last;
        steps
    }

    /// A new run of the flow begins: what came before would only confuse.
    pub(super) fn clear(&self) {
        *self.held() = Held::default();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A step goes in or out whole, so a panic leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The redirect that sends the browser to the authorization server.
    pub(super) fn add_authorization_request(&self, url: &str) {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        self.add(Step {
            number: 0,
            title: "Authorization request",
            from: "Robot",
            to: "Authorization server, through your browser",
            why: "The robot sends your browser to the server where you sign in, and says what it would like to do. \
                  It never sees your password.",
            method: "GET".to_owned(),
            url: address.to_owned(),
            sent: form_pairs(query.as_bytes()),
            status: "303 redirect".to_owned(),
            is_bad: false,
            got: Vec::new(),
            is_open: false,
        });
    }

    /// The redirect that brings the answer back.
    pub(super) fn add_callback(&self, url: &str, query: &str, outcome: Result<(), &str>) {
        self.add(Step {
            number: 0,
            title: "Redirect back",
            from: "Authorization server",
            to: "Robot, through your browser",
            why: match outcome {
                Ok(()) => {
                    "The answer came through your browser. The robot checks that it belongs to this browser (state) and \
                     comes from the right server (iss) before it touches the code."
                }
                Err(_) => "The robot refuses this answer and redeems nothing.",
            },
            method: "GET".to_owned(),
            url: url.to_owned(),
            sent: form_pairs(query.as_bytes()),
            status: outcome.map_or_else(|reason| format!("refused: {reason}"), |()| "accepted".to_owned()),
            is_bad: outcome.is_err(),
            got: Vec::new(),
            is_open: false,
        });
    }
}

/// A transport that writes down what passes.
#[derive(Clone)]
pub(super) struct Recorder {
    inner: Wire,
    journal: Arc<Journal>,
    mailbox: Arc<str>,
}

impl Recorder {
    pub(super) fn new(inner: Wire, journal: Arc<Journal>, config: &RobotConfig) -> Self {
        Self { inner, journal, mailbox: config.mailbox_url.as_str().into() }
    }

    fn describe(&self, request: &Request<Bytes>) -> Step {
        let url = request.uri().to_string();
        let is_form =
            request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        let mut sent = Vec::new();
        if let Some(value) = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) {
            let (scheme, credential) = value.split_once(' ').unwrap_or(("", value));
            let shown = if scheme == "Basic" { "••••••".to_owned() } else { mask::mask(credential) };
            let note = if scheme == "Basic" { "the robot's own name and secret" } else { "the access token" };
            sent.push(Pair { name: "Authorization".to_owned(), value: format!("{scheme} {shown}"), note });
        }
        sent.extend(if is_form { form_pairs(request.body()) } else { json_pairs(request.body()) });
        let grant = sent.iter().find(|pair| pair.name == "grant_type").map(|pair| pair.value.clone());
        let is_mailbox = url.starts_with(&*self.mailbox);
        let (title, why) = words(request.method(), &url, grant.as_deref(), is_mailbox);
        Step {
            number: 0,
            title,
            from: "Robot",
            to: if is_mailbox { "Mailbox" } else { "Authorization server" },
            why,
            method: request.method().to_string(),
            url,
            sent,
            status: String::new(),
            is_bad: false,
            got: Vec::new(),
            is_open: false,
        }
    }
}

impl Transport for Recorder {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut step = self.describe(&request);
        let answer = self.inner.send(request).await;
        match &answer {
            Ok(answer) => {
                step.status = answer.status().to_string();
                step.is_bad = !answer.status().is_success();
                step.got = json_pairs(answer.body());
            }
            Err(error) => {
                step.status = error.to_string();
                step.is_bad = true;
            }
        }
        self.journal.add(step);
        answer
    }
}

fn words(method: &Method, url: &str, grant: Option<&str>, is_mailbox: bool) -> (&'static str, &'static str) {
    match (grant, is_mailbox) {
        (Some("authorization_code"), _) => (
            "Code exchange",
            "Away from the browser, the robot swaps the code for tokens. It proves that it is the robot (secret) and that \
             it started this very flow (code_verifier), so a stolen code is useless.",
        ),
        (Some("refresh_token"), _) => (
            "Refresh",
            "Access tokens live for minutes. The robot asks for a new one, without bothering you; the server may hand out \
             a new refresh token too and notice if the old one ever comes back.",
        ),
        (None, true) if method == Method::POST => (
            "API call: send a message",
            "The robot shows the access token to the mailbox, which checks that it is for this mailbox, alive, and good for \
             sending.",
        ),
        (None, true) => (
            READ,
            "The robot shows the access token to the mailbox, which checks that it is for this mailbox, alive, and good for \
             reading.",
        ),
        _ if url.contains("/.well-known/") => (
            METADATA,
            "The robot reads where the server's endpoints are, from one document that must name the very issuer it asked for.",
        ),
        _ if method == Method::POST => (
            "Revocation",
            "The robot gives its access back. The server ends the whole grant, so neither token works again.",
        ),
        _ => (
            KEYS,
            "The robot fetches the server's public keys to check the signature of the ID token: who signed in, and when.",
        ),
    }
}

fn form_pairs(form: &[u8]) -> Vec<Pair> {
    form_urlencoded::parse(form).map(|(name, value)| Pair::new(&name, &value)).collect()
}

/// The members of a JSON object. Arrays are counted, not shown.
fn json_pairs(body: &[u8]) -> Vec<Pair> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return Vec::new() };
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        Value::Array(items) => format!("a list of {}", items.len()),
        other => other.to_string(),
    };
    members.iter().take(40).map(|(name, value)| Pair::new(name, &shown(value))).collect()
}

fn note(name: &str) -> &'static str {
    match name {
        "access_token" => "opens the mailbox, for a few minutes",
        "client_id" => "which app asks",
        "code" => "a one-minute, one-use receipt",
        "code_challenge" => "hash of a secret that only this flow has",
        "code_challenge_method" => "how it was hashed",
        "code_verifier" => "the secret behind the challenge",
        "error" => "why not",
        "expires_in" => "seconds the access token lives",
        "grant_type" => "what is being swapped",
        "id_token" => "signed statement of who signed in",
        "iss" => "which server answers",
        "nonce" => "must come back inside the ID token",
        "redirect_uri" => "where the answer goes",
        "refresh_token" => "buys new access tokens",
        "resource" => "the one API the token is for",
        "response_type" => "a code, never a token, through the browser",
        "scope" => "what it may do",
        "state" => "must come back unchanged",
        "token" => "the token to end",
        "token_type" => "whoever bears it may use it",
        _ => "",
    }
}
