//! `application/x-www-form-urlencoded`, read strictly: what a lenient reader repairs, this one refuses.

use thiserror::Error;

/// Bytes of a callback query that are looked at. Codes and states are far shorter.
pub(super) const MAX_QUERY: usize = 8 * 1024;
const MAX_PARAMETERS: usize = 32;

/// Why a query or form body was refused. No variant carries the value: it may hold a code.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(super) enum FormFault {
    #[error("not valid percent-encoded UTF-8")]
    Encoding,
    #[error("a parameter occurs twice")]
    Repeated,
    #[error("too long or too many parameters")]
    TooLarge,
}

/// Name-value pairs in order, each name once, empty values left out (RFC 6749 section 3.1 treats them as omitted).
pub(super) fn parse(raw: &str) -> Result<Vec<(String, String)>, FormFault> {
    if raw.len() > MAX_QUERY {
        return Err(FormFault::TooLarge);
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    for piece in raw.split('&').filter(|piece| !piece.is_empty()) {
        if pairs.len() == MAX_PARAMETERS {
            return Err(FormFault::TooLarge);
        }
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        let name = decode(name)?;
        // Of two values one reader takes the first and another the last; an attacker who plants one picks the reader.
        // defends: redirect-uri-parameter-pollution  https://www.rfc-editor.org/rfc/rfc6749#section-3.1
        if pairs.iter().any(|(seen, _)| *seen == name) {
            return Err(FormFault::Repeated);
        }
        pairs.push((name, decode(value)?));
    }
    pairs.retain(|(_, value)| !value.is_empty());
    Ok(pairs)
}

fn decode(text: &str) -> Result<String, FormFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2).ok_or(FormFault::Encoding)?;
                bytes.push(hex(digits[0])? << 4 | hex(digits[1])?);
                rest = after;
            }
            other => bytes.push(other),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| FormFault::Encoding)?;
    if text.chars().any(char::is_control) {
        return Err(FormFault::Encoding);
    }
    Ok(text)
}

fn hex(digit: u8) -> Result<u8, FormFault> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).ok_or(FormFault::Encoding)
}

/// Percent-encodes one value as a form does.
pub(super) fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
