//! What really went over the wire, in the order in which it went. The diagrams are made of this and of nothing else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use client::{HyperTransport, Transport, TransportError};
use http::{HeaderMap, Request, Response, StatusCode, header};
use serde_json::Value;
use tokio::sync::watch;

use crate::{Wire, mask};

/// Marks of one run, at most: no scene comes near, and a script that runs in circles ends.
const MAX_MARKS: usize = 200;

/// Somebody who sends or answers. A scene names each of its parties in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The victim's browser.
    Browser,
    /// The app that the victim uses.
    App,
    /// The honest authorization server.
    Server,
    /// The protected API.
    Mailbox,
    /// The attacker: his app, his browser or his site.
    Attacker,
    /// The authorization server that the attacker runs.
    Counterfeit,
}

impl Party {
    /// Whether the attacker is behind it.
    pub fn is_hostile(self) -> bool {
        matches!(self, Party::Attacker | Party::Counterfeit)
    }
}

/// A parameter or header, safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Its value, masked if it is a secret.
    pub value: String,
    /// Where it leads, if it is an address of a known party: the party, and the rest of the address, safe to show.
    pub place: Option<(Party, String)>,
    /// Whether the diagram shows it without being asked.
    pub is_telling: bool,
}

/// What kind of mark it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words of the script between two requests. Not an arrow.
    Note,
    /// A request: a full arrow.
    Request,
    /// Its answer: a dashed arrow back.
    Answer,
}

/// One line of a diagram.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What it is.
    pub kind: Kind,
    /// From whom. For a note, nobody.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// What it says: the words of a note, method and address of a request, status and target of an answer.
    pub line: String,
    /// What it carried, safe to show.
    pub pairs: Vec<Pair>,
    /// To whom a redirect leads, if to another party.
    pub leads_to: Option<Party>,
    /// Whether it is an answer that refuses.
    pub is_refusal: bool,
    /// Whether it only fetches metadata or keys.
    pub is_quiet: bool,
}

/// Writes down what passes, for one run. Cheap to clone.
#[derive(Clone)]
pub struct Recorder(Arc<Book>);

struct Book {
    held: Mutex<Held>,
    length: watch::Sender<usize>,
    pace: Duration,
}

#[derive(Default)]
struct Held {
    addresses: Vec<(String, Party)>,
    marks: Vec<Mark>,
}

impl Recorder {
    /// An empty one that waits so long before each request, so that people can follow.
    pub fn paced(pace: Duration) -> Recorder {
        Recorder(Arc::new(Book { held: Mutex::default(), length: watch::Sender::new(0), pace }))
    }

    /// From now on what goes to this origin goes to that party.
    pub fn know(&self, origin: &str, party: Party) {
        self.held().addresses.push((authority(origin), party));
    }

    /// Puts a word between the arrows.
    pub fn say(&self, words: impl Into<String>) {
        let nobody = Party::Browser;
        let line = words.into();
        let note = Mark {
            kind: Kind::Note,
            from: nobody,
            to: nobody,
            line,
            pairs: Vec::new(),
            leads_to: None,
            is_refusal: false,
            is_quiet: false,
        };
        self.add(note);
    }

    /// Sends a request of that party and writes down request and answer. Only to addresses that are known: a scene has no
    /// arrow that leads out of the picture.
    pub async fn send(&self, from: Party, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let Some(to) = self.party(&request.uri().to_string()) else { return Err(TransportError::Connection) };
        if !self.0.pace.is_zero() {
            tokio::time::sleep(self.0.pace).await;
        }
        if from == to {
            // His own browser at his own site: nobody else has a part in it.
            return HyperTransport::loopback_only().send(request).await;
        }
        let asked = ask(from, to, &request);
        let is_quiet = asked.is_quiet;
        self.add(asked);
        let answer = HyperTransport::loopback_only().send(request).await;
        let mut mark = match &answer {
            Ok(answer) => self.reply(to, from, answer),
            Err(error) => {
                let line = error.to_string();
                Mark {
                    kind: Kind::Answer,
                    from: to,
                    to: from,
                    line,
                    pairs: Vec::new(),
                    leads_to: None,
                    is_refusal: true,
                    is_quiet,
                }
            }
        };
        mark.is_quiet = is_quiet;
        self.add(mark);
        answer
    }

    /// A wire for a program that belongs to this party.
    pub fn wire(&self, from: Party) -> Wire {
        let recorder = self.clone();
        Wire::through(move |request| {
            let recorder = recorder.clone();
            Box::pin(async move { recorder.send(from, request).await })
        })
    }

    /// The marks from the one with this number on.
    pub fn marks(&self, from: usize) -> Vec<Mark> {
        self.held().marks.get(from..).unwrap_or_default().to_vec()
    }

    /// Tells how many marks there are, each time that number grows.
    pub fn watch(&self) -> watch::Receiver<usize> {
        self.0.length.subscribe()
    }

    /// What the honest server last said when it refused an app's request, in its own words.
    pub fn last_refusal_of_server(&self) -> Option<String> {
        let held = self.held();
        let refused = |mark: &&Mark| mark.kind == Kind::Answer && mark.is_refusal && mark.from == Party::Server;
        let mark = held.marks.iter().rev().find(refused)?;
        let value = |name: &str| mark.pairs.iter().find(|pair| pair.name == name).map(|pair| pair.value.clone());
        Some([value("error")?, value("error_description").unwrap_or_default()].join(": "))
    }

    fn reply(&self, from: Party, to: Party, answer: &Response<Bytes>) -> Mark {
        let status = answer.status();
        let Some(location) = text(answer.headers(), header::LOCATION) else { return page(from, to, answer) };
        let (rest, fragment) = location.split_once('#').unwrap_or((location, ""));
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut pairs = form_pairs(query.as_bytes());
        pairs.extend(form_pairs(fragment.as_bytes()));
        // The request that follows shows the same again; here it is the answer to the client that counts.
        if !pairs.iter().any(|pair| is_answer(&pair.name)) {
            pairs.iter_mut().for_each(|pair| pair.is_telling = false);
        }
        let leads_to = if address.contains("://") { self.party(address) } else { None };
        let path = address.split_once("://").map_or(address, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        let mark = if fragment.is_empty() { "" } else { "#" };
        Mark {
            kind: Kind::Answer,
            from,
            to,
            line: format!("{} to {}{mark}", status.as_u16(), mask::cut(path)),
            is_refusal: pairs.iter().any(|pair| pair.name == "error"),
            pairs,
            leads_to: leads_to.filter(|party| *party != from),
            is_quiet: false,
        }
    }

    fn party(&self, url: &str) -> Option<Party> {
        let authority = authority(url);
        self.held().addresses.iter().rev().find(|(known, _)| *known == authority).map(|(_, party)| *party)
    }

    fn add(&self, mut mark: Mark) {
        for pair in mark.pairs.iter_mut().filter(|pair| pair.value.starts_with("http://")) {
            let rest = pair.value[7..].find(['/', '?']).map_or("", |at| &pair.value[7 + at..]);
            pair.place = self.party(&pair.value).map(|party| (party, rest.to_owned()));
        }
        let mut held = self.held();
        if held.marks.len() < MAX_MARKS {
            held.marks.push(mark);
        }
        self.0.length.send_replace(held.marks.len());
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Marks and addresses go in whole, so a panic leaves nothing half done.
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn authority(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}

fn ask(from: Party, to: Party, request: &Request<Bytes>) -> Mark {
    let uri = request.uri();
    let mut pairs = form_pairs(uri.query().unwrap_or_default().as_bytes());
    let text = |name| request.headers().get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    if let Some(value) = text(header::AUTHORIZATION) {
        let (scheme, credential) = value.split_once(' ').unwrap_or(("", value));
        let credential =
            if scheme == "Basic" { "••••••".to_owned() } else { mask::traced("token", credential) };
        pairs.push(Pair {
            name: "Authorization".to_owned(),
            value: format!("{scheme} {credential}"),
            place: None,
            is_telling: true,
        });
    }
    if let Some(referrer) = text(header::REFERER) {
        pairs.push(Pair { name: "Referer".to_owned(), value: mask::url(referrer), place: None, is_telling: true });
    }
    match text(header::CONTENT_TYPE).unwrap_or_default() {
        "application/x-www-form-urlencoded" => pairs.extend(form_pairs(request.body())),
        "application/json" => pairs.extend(json_pairs(request.body())),
        _ => {}
    }
    let path = uri.path();
    Mark {
        kind: Kind::Request,
        from,
        to,
        line: format!("{} {path}", request.method()),
        pairs,
        leads_to: None,
        is_refusal: false,
        is_quiet: path.contains("/.well-known/") || path.ends_with("/jwks"),
    }
}

/// An answer that shows something.
fn page(from: Party, to: Party, answer: &Response<Bytes>) -> Mark {
    let status = answer.status();
    let body = String::from_utf8_lossy(answer.body());
    let pairs = json_pairs(answer.body());
    let what = match between(&body, "<h1", "</h1>").or_else(|| between(&body, "<title", "</title>")) {
        Some(heading) => format!(" “{}”", mask::cut(&heading)),
        None if pairs.is_empty() && !status.is_success() => format!(" {}", status.canonical_reason().unwrap_or("")),
        None => String::new(),
    };
    let line = format!("{}{what}", status.as_u16()).trim_end().to_owned();
    let is_refusal = status.is_client_error();
    Mark { kind: Kind::Answer, from, to, line, pairs, leads_to: None, is_refusal, is_quiet: false }
}

/// What an authorization server answers to a client.
fn is_answer(name: &str) -> bool {
    matches!(name, "access_token" | "code" | "error" | "token")
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The text of the first such element, without the tags inside.
pub(super) fn between(html: &str, open: &str, close: &str) -> Option<String> {
    let inner = html.split_once(open)?.1.split_once('>')?.1.split_once(close)?.0;
    let mut text = String::new();
    let mut is_tag = false;
    for character in inner.chars() {
        match character {
            '<' => is_tag = true,
            '>' => is_tag = false,
            other if !is_tag => text.push(other),
            _ => {}
        }
    }
    let text = super::browser::unescape(&text);
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn pair(name: &str, value: &str) -> Pair {
    // An address may hold secrets of its own.
    let is_address = value.contains("://") && !mask::is_secret(name);
    let value = if is_address { mask::url(value) } else { mask::traced(name, value) };
    Pair { name: mask::cut(name), value, place: None, is_telling: is_telling(name) }
}

fn form_pairs(form: &[u8]) -> Vec<Pair> {
    form_urlencoded::parse(form).filter(|(name, _)| !name.is_empty()).map(|(name, value)| pair(&name, &value)).collect()
}

/// The members of a JSON object. Of a list, what its items are about.
fn json_pairs(body: &[u8]) -> Vec<Pair> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return Vec::new() };
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let words = items.iter().filter_map(|item| item.as_str().or_else(|| item["subject"].as_str()));
            words.take(12).collect::<Vec<_>>().join(" · ")
        }
        other => other.to_string(),
    };
    members.iter().take(40).map(|(name, value)| pair(name, &shown(value))).collect()
}

/// What an attack or a defence turns on.
fn is_telling(name: &str) -> bool {
    matches!(
        name,
        "access_token"
            | "code"
            | "code_challenge"
            | "code_verifier"
            | "decision"
            | "error"
            | "error_description"
            | "iss"
            | "messages"
            | "password"
            | "redirect_uri"
            | "refresh_token"
            | "response_type"
            | "state"
            | "to"
            | "token"
            | "url"
            | "username"
    )
}

/// Whether the request was refused for a reason that the server gave, and which.
pub fn refusal(status: StatusCode, body: &[u8]) -> Option<String> {
    if status.is_success() || status.is_redirection() {
        return None;
    }
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let heading = between(&String::from_utf8_lossy(body), "<h1", "</h1>");
    let why = match (json["error"].as_str(), json["error_description"].as_str()) {
        (Some(error), Some(description)) => format!("{error}: {description}"),
        (Some(error), None) => error.to_owned(),
        _ => heading.unwrap_or_else(|| status.to_string()),
    };
    Some(mask::cut(&why))
}
