//! JSON Web Tokens in a text: found by their form, whoever made them.

use data_encoding::BASE64URL_NOPAD;

use super::Span;
use super::unfold::Unfolded;

/// What stands in the place of the usable part of a token that nothing else is known about.
pub(super) const LABELS: [&str; 2] = ["signature", "encrypted part"];

/// What of a token must not be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept<'a> {
    /// A signed token: the signature.
    Signature(&'a str),
    /// An encrypted token: all but the header.
    Encrypted(&'a str),
}

/// Whether the text is a token in compact form, and if so, which part of it makes it usable.
pub(super) fn part(token: &str) -> Option<Kept<'_>> {
    let (header, rest) = token.split_once('.')?;
    if BASE64URL_NOPAD.decode(header.as_bytes()).ok()?.first() != Some(&b'{') {
        return None;
    }
    match rest.bytes().filter(|&byte| byte == b'.').count() {
        1 => rest.split_once('.').map(|(_, signature)| Kept::Signature(signature)),
        3 => Some(Kept::Encrypted(rest)),
        _ => None,
    }
}

/// Marks the usable part of every token in the text. A token without a signature stays as it is: everybody can make it.
pub(super) fn find(text: &Unfolded, spans: &mut Vec<Span>) {
    let of_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut at = 0;
    while let Some(start) = text.bytes.get(at..).and_then(|rest| rest.iter().position(of_token)).map(|found| at + found)
    {
        let run = text.bytes[start..].iter().take_while(|byte| of_token(byte)).count();
        at = start + run;
        // A run of ASCII, so it is UTF-8. A full stop may follow the token in a sentence.
        let Ok(token) = std::str::from_utf8(&text.bytes[start..at]) else { continue };
        let kept = part(token).or_else(|| part(token.trim_end_matches('.')));
        let (label, hidden) = match kept {
            Some(Kept::Signature(signature)) => (LABELS[0], signature),
            Some(Kept::Encrypted(rest)) => (LABELS[1], rest),
            None => continue,
        };
        if !hidden.is_empty() {
            let end = at - (token.len() - token.trim_end_matches('.').len());
            let (from, to) = text.span(end - hidden.trim_end_matches('.').len(), end);
            spans.push(Span { start: from, end: to, label });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_tokens_by_their_form() {
        assert_eq!(part("eyJhbGciOiJIUzI1NiJ9.e30.c2ln"), Some(Kept::Signature("c2ln")));
        assert_eq!(part("eyJhbGciOiJub25lIn0.e30."), Some(Kept::Signature("")));
        assert_eq!(part("eyJlbmMiOiJBMTI4R0NNIn0.a.b.c.d"), Some(Kept::Encrypted("a.b.c.d")));
        for text in ["www.example.org", "a.b.c", "", "eyJhbGciOiJIUzI1NiJ9", "1.2.3.4"] {
            assert_eq!(part(text), None, "{text}");
        }
    }
}
