//! Takes the secrets out of the evidence, and leaves it readable.
//!
//! A report is mailed, printed and kept. What could still be used by its reader (codes, tokens, passwords, cookies) is
//! replaced by a label such as `[code 1]`, the same label for the same value, so that one can still follow it from one exchange
//! to the next. A wrong answer here publishes a secret; a label too many only costs a little understanding.
//!
//! Some secrets are told by the target file; the others are learnt from the exchanges themselves. Left in: `state` and `nonce`
//! (made by the probe, of no use once the case is over), keys' thumbprints and `jti`. Of JWTs, header and claims stay
//! and the signature goes.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use self::unfold::Unfolded;
use crate::exchange::Exchange;
use crate::target::Target;

mod jwt;
mod learn;
#[cfg(test)]
mod tests;
mod unfold;

/// Values shorter than this are no secrets but words, and would be found everywhere. Only told ones are masked all the same.
const SHORTEST: usize = 8;
/// Layers of escapes that are undone when a secret is looked for: a URL in a URL in HTML.
const LAYERS: usize = 3;
/// Bytes of a secret that are searched for; the rest is compared where they are found. Keeps the search small.
const SEARCHED: usize = 48;
/// Secrets that one case may introduce. A hostile answer can hold more than can be searched for; then nothing is shown.
const MOST: usize = 1000;
/// How much of one message is looked at, in bytes. Floods are longer.
const READ: usize = 64 * 1024;
/// How much of it a report keeps. It is cut after masking: half a secret would not be found.
const KEPT: usize = 8 * 1024;

/// Where a secret is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Wherever it occurs.
    Anywhere,
    /// Only where it stands as a whole value: it reads like a word, which must stay in the text around it.
    AsValue,
}

#[derive(Debug, Clone)]
struct Secret {
    value: String,
    label: String,
    reach: Reach,
}

/// The secrets that are known before anything is sent: those of the target file, and of clients that the probe registered.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    known: Vec<Secret>,
}

impl Mask {
    /// The secrets of the target file.
    #[must_use]
    pub fn of_target(target: &Target) -> Self {
        let mut mask = Self::default();
        for (role, client) in &target.clients {
            mask.know(&format!("client secret of {role}"), client.client_secret.as_deref().unwrap_or_default());
            let key: serde_json::Value =
                client.key.as_deref().and_then(|key| serde_json::from_str(key).ok()).unwrap_or_default();
            for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                mask.know(
                    &format!("private key of {role}"),
                    key.get(member).and_then(|value| value.as_str()).unwrap_or_default(),
                );
            }
        }
        for user in target.user.iter().chain(&target.second_user) {
            mask.know("password", &user.password);
        }
        mask.know("initial access token", target.operator.initial_access_token.as_deref().unwrap_or_default());
        mask
    }

    /// Adds a secret and what stands in its place, without brackets. Empty values are left out.
    pub fn know(&mut self, label: &str, value: &str) {
        if !value.is_empty() && self.known.iter().all(|secret| secret.value != value) {
            let word = value.chars().count() < SHORTEST || learn::wordish(value);
            let reach = if word { Reach::AsValue } else { Reach::Anywhere };
            self.known.push(Secret { value: value.to_owned(), label: label.to_owned(), reach });
        }
    }

    /// Masks the exchanges of one case, in the order in which they happened, and the sentence that goes with them. Besides the known
    /// secrets, those that the exchanges introduce are masked, in all of them. Long messages are cut.
    #[must_use]
    pub fn apply(&self, exchanges: Vec<Exchange>, because: &str) -> (Vec<Exchange>, String) {
        let mut learner = learn::Learner::new(self.known.clone());
        for exchange in &exchanges {
            learner.exchange(exchange);
        }
        let case = CaseMask::new(learner.secrets());
        (exchanges.iter().map(|exchange| case.exchange(exchange)).collect(), case.text(because))
    }
}

/// One way to write a secret.
struct Form {
    text: String,
    /// Whose it is.
    secret: usize,
    reach: Reach,
}

/// The secrets of one case, told and learnt, ready to be replaced.
struct CaseMask {
    secrets: Vec<Secret>,
    /// For each pattern of the search, the forms that begin with it.
    forms: Vec<Vec<Form>>,
    /// None when there are too many secrets to search for.
    search: Option<AhoCorasick>,
}

/// A stretch of a text that is replaced.
struct Span<'a> {
    start: usize,
    end: usize,
    label: &'a str,
}

impl CaseMask {
    fn new(secrets: Vec<Secret>) -> Self {
        if secrets.len() > MOST {
            return Self { secrets, forms: Vec::new(), search: None };
        }
        let mut forms: HashMap<Vec<u8>, Vec<Form>> = HashMap::new();
        for form in secrets.iter().enumerate().flat_map(|(index, secret)| forms_of(index, secret)) {
            let searched = form.text.as_bytes()[..form.text.len().min(SEARCHED)].to_vec();
            forms.entry(searched).or_default().push(form);
        }
        let (patterns, forms): (Vec<_>, Vec<_>) = forms.into_iter().unzip();
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        // It fails only beyond some 2^31 states, far more than MOST secrets make.
        let search = AhoCorasick::builder().kind(kind).match_kind(MatchKind::LeftmostLongest).build(&patterns).ok();
        Self { secrets, forms, search }
    }

    /// The exchange without its secrets.
    fn exchange(&self, raw: &Exchange) -> Exchange {
        Exchange {
            what: self.text(&raw.what),
            request: self.message(&raw.request),
            response: self.message(&raw.response),
            failure: raw.failure.as_deref().map(|failure| self.text(failure)),
            millis: raw.millis,
        }
    }

    /// A message without them, and not too long.
    fn message(&self, raw: &str) -> String {
        let mut text = self.text(&raw[..raw.floor_char_boundary(READ)]);
        if text.len() > KEPT || raw.len() > READ {
            text.truncate(text.floor_char_boundary(KEPT));
            text += &format!("\n[cut here: {} bytes in all]", raw.len());
        }
        text
    }

    /// Any text without the secrets of this case.
    fn text(&self, text: &str) -> String {
        let Some(search) = &self.search else { return "[not shown: too much to mask]".to_owned() };
        let mut spans = Vec::new();
        let mut layer = Some(Unfolded::plain(text));
        for _ in 0..=LAYERS {
            let Some(unfolded) = layer else { break };
            self.find(search, &unfolded, &mut spans);
            jwt::find(&unfolded, &mut spans);
            layer = unfolded.unfold();
        }
        replace(text, spans)
    }

    fn find<'a>(&'a self, search: &AhoCorasick, text: &Unfolded, spans: &mut Vec<Span<'a>>) {
        let mut at = 0;
        while let Some(found) = search.find(Input::new(&text.bytes).range(at..)) {
            // The search was made from the patterns that `forms` belong to, and each has at least one form. Of those that
            // begin alike, the one that goes on alike the longest is meant.
            let alike = |form: &&Form| {
                text.bytes[found.start()..].iter().zip(form.text.as_bytes()).take_while(|(a, b)| a == b).count()
            };
            let Some(form) = self.forms[found.pattern().as_usize()].iter().max_by_key(alike) else { break };
            let end = found.start() + alike(&form);
            if form.reach == Reach::Anywhere || stands_alone(&text.bytes, found.start(), end) {
                let (start, end) = text.span(found.start(), end);
                spans.push(Span { start, end, label: &self.secrets[form.secret].label });
            }
            at = if form.reach == Reach::Anywhere { end } else { found.start() + 1 };
        }
    }
}

/// How a secret may be written: itself, with spaces as plus signs, and inside base64 at each of the three alignments.
fn forms_of(index: usize, secret: &Secret) -> Vec<Form> {
    let form = |text: String, reach| Form { text, secret: index, reach };
    let mut forms = vec![form(secret.value.clone(), secret.reach)];
    if secret.value.contains(' ') {
        forms.push(form(secret.value.replace(' ', "+"), secret.reach));
    }
    for shift in 0..3_usize {
        let bytes = [&[0; 2][..shift], secret.value.as_bytes()].concat();
        // The first characters also hold bits of what stands before, the last one bits of what follows.
        let (first, last) = (shift + usize::from(shift > 0), bytes.len() * 8 / 6);
        let (plain, for_urls) = (BASE64_NOPAD.encode(&bytes), BASE64URL_NOPAD.encode(&bytes));
        for encoded in if plain == for_urls { vec![plain] } else { vec![plain, for_urls] } {
            match encoded.get(first..last) {
                // Shorter ones would be found where they mean nothing.
                Some(text) if text.len() >= SHORTEST => forms.push(form(text.to_owned(), Reach::Anywhere)),
                _ => {}
            }
        }
    }
    forms
}

/// Whether the bytes are a whole value: after `=`, `:` or a quote or at the beginning of a line, and before something that ends one.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let before = before.strip_suffix(b" ").unwrap_or(before).last();
    let after = text.get(end);
    let begins = before.is_none_or(|byte| matches!(byte, b'=' | b':' | b'"' | b'\'' | b'>' | b'\n'));
    begins
        && after.is_none_or(|byte| {
            matches!(byte, b'&' | b';' | b',' | b'"' | b'\'' | b'<' | b'#' | b'}' | b']') || byte.is_ascii_whitespace()
        })
}

/// Puts the labels in. Stretches that overlap are taken out as one.
fn replace(text: &str, mut spans: Vec<Span>) -> String {
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        let (start, end) = (text.floor_char_boundary(span.start), text.ceil_char_boundary(span.end));
        if start >= done {
            masked += &text[done..start];
            masked += "[";
            masked += span.label;
            masked += "]";
        }
        done = done.max(end);
    }
    masked + &text[done..]
}

/// Whether the text between brackets is a label of this module, so that a page can set it apart. A server may write the same.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let kind = text.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end();
    let kind = ["signature of ", "encrypted part of "].iter().find_map(|part| kind.strip_prefix(part)).unwrap_or(kind);
    jwt::LABELS.contains(&kind) || learn::is_kind(kind)
}
