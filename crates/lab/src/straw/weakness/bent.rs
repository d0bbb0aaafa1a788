//! What several weaknesses share: an API that takes a bent token for the genuine one that it was made of.

use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::Weakness;

/// Genuine tokens that are remembered at most; the oldest go first.
const MOST: usize = 256;

/// A compact token taken apart, unchecked. Of an encrypted one only the header can be read.
pub(super) struct Token {
    pub(super) text: String,
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) signature: Vec<u8>,
    pub(super) parts: usize,
}

impl Token {
    pub(super) fn read(text: &str) -> Option<Token> {
        let parts: Vec<&str> = text.split('.').collect();
        let bytes = |index: usize| BASE64URL_NOPAD.decode(parts.get(index)?.as_bytes()).ok();
        let json = |index: usize| bytes(index).and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        Some(Token {
            text: text.to_owned(),
            header: json(0).filter(Value::is_object)?,
            claims: json(1).unwrap_or_default(),
            signature: bytes(2).unwrap_or_default(),
            parts: parts.len(),
        })
    }

    pub(super) fn alg(&self) -> &str {
        self.header["alg"].as_str().unwrap_or_default()
    }
}

/// Takes a bent token for the genuine one that has its `jti`, or for the last one that opened the API.
pub(super) struct Believes {
    /// Whether the first, compared with the second, a genuine one, is bent in the way that is believed.
    bent: fn(&Token, &Token) -> bool,
    genuine: Mutex<Vec<String>>,
}

impl Believes {
    pub(super) fn that(bent: fn(&Token, &Token) -> bool) -> Box<dyn Weakness> {
        Box::new(Believes { bent, genuine: Mutex::default() })
    }

    fn original(&self, token: &Token) -> Option<Token> {
        let genuine = self.genuine.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || genuine.iter().rev().filter_map(|text| Token::read(text));
        let same = |other: &Token| other.claims["jti"].is_string() && other.claims["jti"] == token.claims["jti"];
        read().find(same).or_else(|| read().next())
    }
}

impl Weakness for Believes {
    fn ask(&self, _: &Straw, ask: &mut Ask) {
        let Some(token) = ask.bearer().filter(|_| ask.site == Site::Mail).and_then(Token::read) else { return };
        if let Some(genuine) = self.original(&token)
            && token.text != genuine.text
            && (self.bent)(&token, &genuine)
        {
            ask.set_bearer(&genuine.text);
        }
    }

    fn answer(&self, _: &Straw, ask: &Ask, answer: &mut Answer) {
        if let (Site::Mail, true, Some(token)) = (ask.site, answer.status.is_success(), ask.bearer()) {
            let mut genuine = self.genuine.lock().unwrap_or_else(PoisonError::into_inner);
            if !genuine.iter().any(|known| known == token) {
                genuine.push(token.to_owned());
            }
            if genuine.len() > MOST {
                genuine.remove(0);
            }
        }
    }
}
