//! HTTP Basic as RFC 6749 section 2.3.1 bends it: both parts are form-encoded before they are joined.

use crate::wire::parameters::decode;

/// Reads `Basic base64(form(client_id) ":" form(secret))`.
pub(super) fn parse(header: &[u8]) -> Option<(String, String)> {
    let header = std::str::from_utf8(header).ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 1024 {
        return None;
    }
    let decoded = data_encoding::BASE64.decode(encoded.trim_start_matches(' ').as_bytes()).ok()?;
    let colon = decoded.iter().position(|&b| b == b':')?;
    let part = |bytes: &[u8]| {
        let text = String::from_utf8(decode(bytes)?).ok()?;
        (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
    };
    Some((part(&decoded[..colon])?, part(&decoded[colon + 1..])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(plain: &str) -> Option<(String, String)> {
        parse(format!("bAsic {}", data_encoding::BASE64.encode(plain.as_bytes())).as_bytes())
    }

    #[test]
    fn both_parts_are_form_decoded_and_neither_may_be_empty() {
        assert_eq!(read("a%3Ab:c+d"), Some(("a:b".into(), "c d".into())));
        for plain in ["", ":", "a:", ":b", "a", "a%:b", "a:%00"] {
            assert_eq!(read(plain), None, "{plain}");
        }
        assert_eq!(parse(b"Bearer abc"), None);
        assert_eq!(parse(b"Basic \xff"), None);
        assert_eq!(parse(b"Basic YTpi="), None);
    }
}
