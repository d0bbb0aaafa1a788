//! Learns from exchanges what in them is secret: by the names of parameters and members, by headers, and by the look of a value.

use std::collections::{HashMap, HashSet};

use super::jwt::{self, Kept};
use super::unfold::{self, Unfolded};
use super::{LAYERS, MOST, READ, Reach, SHORTEST, Secret};
use crate::exchange::Exchange;

/// Names whose value is a secret, without `_` and in lower case, and what it is called.
const NAMES: [(&str, &str); 28] = [
    ("accesstoken", "access token"),
    ("actortoken", "actor token"),
    ("apikey", "key"),
    ("assertion", "assertion"),
    ("authreqid", "request id"),
    ("clientassertion", "client assertion"),
    ("clientsecret", "client secret"),
    ("code", CODE),
    ("codeverifier", "code verifier"),
    ("devicecode", "device code"),
    ("idtoken", "ID token"),
    ("idtokenhint", "ID token"),
    ("initialaccesstoken", "access token"),
    ("logouttoken", "logout token"),
    ("passphrase", PASSWORD),
    ("passwd", PASSWORD),
    ("password", PASSWORD),
    ("pwd", PASSWORD),
    ("refreshtoken", "refresh token"),
    ("registrationaccesstoken", "registration token"),
    ("requesturi", REQUEST_URI),
    ("samlresponse", "assertion"),
    ("secret", "secret"),
    ("sessiontoken", "session token"),
    ("signature", "signature"),
    ("subjecttoken", "subject token"),
    ("token", "token"),
    ("usercode", "user code"),
];
const CODE: &str = "code";
const PASSWORD: &str = "password";
const REQUEST_URI: &str = "request URI";
const COOKIE: &str = "cookie";
const CREDENTIALS: &str = "credentials";
const HIDDEN: &str = "hidden value";
const OPAQUE: &str = "opaque value";
/// Opaque values from this length on are secret when an answer brought them; so long are the identifiers of parked requests.
const OPAQUE_LENGTH: usize = 32;
/// Hidden inputs from this length on are secret: tokens against request forgery, and what a page carries for the next.
const HIDDEN_LENGTH: usize = 17;

/// No words are longer: what is, is looked for everywhere.
const WORDS: usize = 64;

/// Whether a label's words, without their number, are of this module.
pub(super) fn is_kind(kind: &str) -> bool {
    [COOKIE, CREDENTIALS, HIDDEN, OPAQUE].contains(&kind)
        || kind.starts_with("credentials of ")
        || ["client secret of ", "private key of ", "initial access token"].iter().any(|known| kind.starts_with(known))
        || NAMES.iter().any(|(_, known)| *known == kind)
}

/// How sure it is that a value in such a place is a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The name says so.
    Certain,
    /// The name also stands for other things: an error code, a setting kept in a cookie.
    Likely,
}

/// Collects secrets, exchange after exchange.
pub(super) struct Learner {
    secrets: Vec<Secret>,
    /// Values that have a label, told or learnt.
    seen: HashSet<String>,
    counts: HashMap<String, usize>,
    /// Long runs that the probe itself sent before any answer held them: its own state, nonce, challenge.
    sent: HashSet<String>,
}

impl Learner {
    pub fn new(known: Vec<Secret>) -> Self {
        let seen = known.iter().map(|secret| secret.value.clone()).collect();
        Self { secrets: known, seen, counts: HashMap::new(), sent: HashSet::new() }
    }

    pub fn secrets(self) -> Vec<Secret> {
        self.secrets
    }

    pub fn exchange(&mut self, exchange: &Exchange) {
        let request = &exchange.request[..exchange.request.floor_char_boundary(READ)];
        self.sent.extend(runs(request).filter(|run| run.len() >= HIDDEN_LENGTH).map(str::to_owned));
        for text in [&exchange.request, &exchange.response] {
            let text = &text[..text.floor_char_boundary(READ)];
            let (head, body) = split(text);
            self.headers(head);
            self.named(text);
            self.inputs(body);
        }
    }

    fn headers(&mut self, head: &str) {
        for line in head.lines().skip(1) {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "authorization" | "proxy-authorization" => self.authorization(value),
                "cookie" => value.split(';').for_each(|pair| self.cookie(pair)),
                "set-cookie" => self.cookie(value.split(';').next().unwrap_or_default()),
                "location" => self.introduced(value),
                _ => {}
            }
        }
    }

    fn authorization(&mut self, value: &str) {
        let Some((scheme, credentials)) = value.split_once(' ') else {
            return self.add(CREDENTIALS, value, Place::Certain);
        };
        let credentials = credentials.trim();
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" | "dpop" => self.add("access token", credentials, Place::Certain),
            "basic" => {
                let decoded = data_encoding::BASE64.decode(credentials.as_bytes()).ok();
                let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
                let (user, secret) = decoded.split_once(':').unwrap_or_default();
                let user: String = user.chars().filter(|letter| letter.is_ascii_graphic()).take(40).collect();
                self.add("client secret", &decode(secret), Place::Certain);
                // The whole of it too: a server may quote it, and base64 hides the secret in it only in part.
                let kind = if user.is_empty() { CREDENTIALS.to_owned() } else { format!("credentials of {user}") };
                self.add(&kind, credentials, Place::Certain);
            }
            _ => self.add(CREDENTIALS, credentials, Place::Certain),
        }
    }

    fn cookie(&mut self, pair: &str) {
        let Some((_, value)) = pair.split_once('=') else { return };
        let value = value.trim().trim_matches('"');
        self.add(COOKIE, value, Place::Likely);
        self.add(COOKIE, &decode(value), Place::Likely);
    }

    /// Long opaque runs in a redirect that were not sent before: codes under another name, parked requests, login challenges.
    fn introduced(&mut self, location: &str) {
        let found: Vec<_> =
            runs(location).filter(|run| run.len() >= OPAQUE_LENGTH && random(run)).map(str::to_owned).collect();
        for run in found {
            if !self.sent.contains(&run) && !self.secrets.iter().any(|secret| secret.value.contains(&run)) {
                self.add(OPAQUE, &run, Place::Certain);
            }
        }
    }

    /// Hidden inputs, and inputs with a name that says enough.
    fn inputs(&mut self, body: &str) {
        for tag in tags(body, "input") {
            let [mut name, mut kind, mut value] = [const { String::new() }; 3];
            for (attribute, text) in attributes(tag) {
                match attribute.to_ascii_lowercase().as_str() {
                    "name" => name = text,
                    "type" => kind = text,
                    "value" => value = text,
                    _ => {}
                }
            }
            if let Some(kind) = kind_of(&name) {
                self.add(kind, &value, Place::Likely);
            } else if kind.eq_ignore_ascii_case("hidden")
                && value.len() >= HIDDEN_LENGTH
                && random(&value)
                && !self.sent.contains(&value)
                && !value.contains(' ')
            {
                self.add(HIDDEN, &value, Place::Likely);
            }
        }
    }

    /// `name=value` and `"name": "value"` with a name that says enough, wherever they stand, also inside escapes.
    fn named(&mut self, text: &str) {
        let mut layer = Some(Unfolded::plain(text));
        for _ in 0..LAYERS {
            let Some(unfolded) = layer else { break };
            let text = String::from_utf8_lossy(&unfolded.bytes);
            for word in runs(&text) {
                let Some(kind) = kind_of(word) else { continue };
                // `word` is a slice of `text`, so this is its place in it.
                let end = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
                let Some((value, quoted)) = value_after(&text[end..]) else { continue };
                let place = if quoted && kind == CODE { Place::Likely } else { Place::Certain };
                self.add(kind, &if quoted { unescape(value) } else { decode(value) }, place);
            }
            layer = unfolded.unfold();
        }
    }

    fn add(&mut self, kind: &str, value: &str, place: Place) {
        if kind == REQUEST_URI {
            // The last part of the URN is the secret. A URL is a place where a client keeps its request, and none.
            return match value.rsplit_once(':') {
                Some((_, last)) if !value.contains("://") => self.insert(kind, last, Reach::Anywhere),
                _ => {}
            };
        }
        if value.chars().count() < SHORTEST || (place == Place::Likely && (wordish(value) || value.contains("://"))) {
            return;
        }
        match jwt::part(value) {
            Some(Kept::Signature(part)) => self.insert(&format!("signature of {kind}"), part, Reach::Anywhere),
            Some(Kept::Encrypted(part)) => self.insert(&format!("encrypted part of {kind}"), part, Reach::Anywhere),
            None if kind_of(value).is_some() => {}
            None => self.insert(kind, value, if wordish(value) { Reach::AsValue } else { Reach::Anywhere }),
        }
    }

    fn insert(&mut self, kind: &str, value: &str, reach: Reach) {
        // One too many is kept, so that it shows.
        if value.chars().count() < SHORTEST || self.secrets.len() > MOST || !self.seen.insert(value.to_owned()) {
            return;
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        self.secrets.push(Secret { value: value.to_owned(), label: format!("{kind} {count}"), reach });
    }
}

/// Whether a value reads like words (`invalid_request`, `login page`) rather than like something drawn at random.
pub(super) fn wordish(value: &str) -> bool {
    let separators = ['_', '-', ' ', '.', ':', '/'];
    value.len() <= WORDS
        && value.chars().all(|letter| letter.is_ascii_lowercase() || separators.contains(&letter))
        && (value.len() < 20 || value.contains(separators))
}

/// Whether a value has the look of a drawn one: letters of both cases, or letters and digits.
fn random(value: &str) -> bool {
    let has = |test: fn(&char) -> bool| value.chars().any(|letter| test(&letter));
    has(char::is_ascii_alphabetic)
        && (has(char::is_ascii_digit) || has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase))
}

fn kind_of(name: &str) -> Option<&'static str> {
    if name.len() > 32 {
        return None;
    }
    let letters = || name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase());
    NAMES.iter().find(|(known, _)| known.bytes().eq(letters())).map(|(_, kind)| *kind)
}

/// Runs of characters that names, codes and tokens are made of.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')))
        .filter(|run| !run.is_empty())
}

/// The value after a name: of `=value`, `="value"` or `": "value"`; and whether it was quoted.
fn value_after(text: &str) -> Option<(&str, bool)> {
    let quotes = ['"', '\''];
    let rest = text.strip_prefix(quotes).unwrap_or(text).trim_start_matches([' ', '\t', '\r', '\n']);
    let value = rest.strip_prefix(['=', ':'])?;
    let trimmed = value.trim_start_matches([' ', '\t', '\r', '\n']);
    if let Some(quote) = trimmed.chars().next().filter(|first| quotes.contains(first)) {
        let inside = &trimmed[1..];
        return Some((&inside[..closing(inside, quote)], true));
    }
    let end = value
        .find(|letter: char| matches!(letter, '&' | '#' | '"' | '\'' | '<' | '>') || letter.is_whitespace())
        .unwrap_or(value.len());
    rest.starts_with('=').then_some((&value[..end], false))
}

/// What stands in the tags of that name, without looking at how they nest: pages made to be slow to parse are not.
fn tags<'a>(body: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    body.split('<').skip(1).filter_map(move |rest| {
        let (tag, rest) = rest.split_at_checked(name.len())?;
        (tag.eq_ignore_ascii_case(name) && rest.starts_with(|next: char| next.is_ascii_whitespace() || next == '/'))
            .then_some(rest)
    })
}

/// Names and values of the attributes at the beginning of the text, up to the end of the tag.
fn attributes(tag: &str) -> Vec<(&str, String)> {
    let (mut found, mut rest) = (Vec::new(), tag);
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '/');
        let end = rest
            .find(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '=' | '>' | '/'))
            .unwrap_or(rest.len());
        let name = &rest[..end];
        rest = rest[end..].trim_start_matches(|letter: char| letter.is_ascii_whitespace());
        let Some(value) = rest.strip_prefix('=') else {
            if name.is_empty() {
                return found;
            }
            continue;
        };
        let value = value.trim_start_matches(|letter: char| letter.is_ascii_whitespace());
        let (text, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(
                value.find(|letter: char| letter.is_ascii_whitespace() || letter == '>').unwrap_or(value.len()),
            ),
        };
        found.push((name, unfold::references(text)));
        rest = after;
    }
}

/// Where the quoted text ends: at the quote, unless a backslash stands before it.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at,
            _ => {}
        }
    }
    text.len()
}

/// A form value as it was meant: plus signs are spaces, percent signs introduce bytes.
fn decode(value: &str) -> String {
    form_urlencoded::parse(value.replace('&', "%26").replace('=', "%3D").as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// A quoted value as it was meant.
fn unescape(value: &str) -> String {
    serde_json::from_str(&format!("\"{value}\"")).unwrap_or_else(|_| value.to_owned())
}

/// Head and body of a message.
fn split(message: &str) -> (&str, &str) {
    message.split_once("\r\n\r\n").or_else(|| message.split_once("\n\n")).unwrap_or((message, ""))
}
