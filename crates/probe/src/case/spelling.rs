//! Parts and other spellings of a redirect URI, for case files: `{redirect_host}`, `{redirect_path_capitals}`.
//!
//! The URI is taken apart as text. A parser would tidy up just what these cases are about.

/// A URI in parts, each as it is written.
struct Parts<'a> {
    scheme: &'a str,
    authority: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    path: &'a str,
}

impl<'a> Parts<'a> {
    /// Nothing for a URI without an authority, as private-use schemes have it.
    fn of(uri: &'a str) -> Option<Self> {
        let (scheme, rest) = uri.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let path = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
        let (host, port) = match authority.rfind(':') {
            Some(colon) if !authority[colon..].contains(']') => (&authority[..colon], Some(&authority[colon + 1..])),
            _ => (authority, None),
        };
        Some(Self { scheme, authority, host, port, path })
    }

    fn default_port(&self) -> &'static str {
        if self.scheme.eq_ignore_ascii_case("https") { "443" } else { "80" }
    }
}

/// The part or spelling of that name (without `redirect_`). `Some(None)` where this URI has no such spelling, or where it
/// would be no other: an address in digits has no capitals. `None` for a name that nobody knows.
pub(super) fn of(uri: &str, name: &str) -> Option<Option<String>> {
    let Some(parts) = Parts::of(uri) else { return NAMES.contains(&name).then_some(None) };
    let other = |part: &str, spelled: String| Some(spelled).filter(|spelled| spelled != part);
    Some(match name {
        "scheme" => Some(parts.scheme.to_owned()),
        "scheme_capitals" => other(parts.scheme, parts.scheme.to_uppercase()),
        "other_scheme" => Some(if parts.scheme == "https" { "http" } else { "https" }.to_owned()),
        "authority" => Some(parts.authority.to_owned()),
        "host" => Some(parts.host.to_owned()),
        "host_capitals" => other(parts.host, parts.host.to_uppercase()),
        "host_folding" => other(parts.host, parts.host.chars().map(folding).collect()),
        "host_full_width" => other(parts.host, parts.host.chars().map(full_width).collect()),
        "host_full_width_dots" => other(parts.host, parts.host.replace('.', "\u{ff0e}")),
        "host_ideographic_dots" => other(parts.host, parts.host.replace('.', "\u{3002}")),
        "port" => Some(parts.port.unwrap_or(parts.default_port()).to_owned()),
        "default_port" => parts.port.is_none().then(|| parts.default_port().to_owned()),
        "path" => Some(parts.path.to_owned()),
        "path_capitals" => other(parts.path, parts.path.to_uppercase()),
        "path_encoded" => first_letter_encoded(parts.path),
        "path_folding" => other(parts.path, parts.path.chars().map(folding).collect()),
        "last_segment" => parts.path.rsplit('/').next().filter(|last| !last.is_empty()).map(str::to_owned),
        _ => return None,
    })
}

const NAMES: [&str; 17] = [
    "authority",
    "default_port",
    "host",
    "host_capitals",
    "host_folding",
    "host_full_width",
    "host_full_width_dots",
    "host_ideographic_dots",
    "last_segment",
    "other_scheme",
    "path",
    "path_capitals",
    "path_encoded",
    "path_folding",
    "port",
    "scheme",
    "scheme_capitals",
];

/// Another character that compatibility or case folding (Unicode, NFKC and casefold) turns into this one.
fn folding(letter: char) -> char {
    match letter {
        'k' => '\u{212a}',
        's' => '\u{17f}',
        '1'..='9' => char::from_u32(0x2460 + (letter as u32 - '1' as u32)).unwrap_or(letter),
        'a'..='z' => char::from_u32(0x24d0 + (letter as u32 - 'a' as u32)).unwrap_or(letter),
        other => other,
    }
}

fn full_width(letter: char) -> char {
    match letter {
        'a'..='z' | '0'..='9' | '.' | '-' => char::from_u32(letter as u32 + 0xfee0).unwrap_or(letter),
        other => other,
    }
}

fn first_letter_encoded(path: &str) -> Option<String> {
    let at = path.find(|letter: char| letter.is_ascii_alphanumeric())?;
    let (before, rest) = path.split_at(at);
    Some(format!("{before}%{:02x}{}", rest.as_bytes()[0], &rest[1..]))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, of};

    #[test]
    fn parts_are_as_they_are_written() {
        let loopback = "http://127.0.0.1:9000/callback?a=b";
        let web = "https://robot.example/cb";
        for (uri, name, expected) in [
            (loopback, "host", Some("127.0.0.1")),
            (loopback, "authority", Some("127.0.0.1:9000")),
            (loopback, "port", Some("9000")),
            (loopback, "default_port", None),
            (loopback, "path", Some("/callback")),
            (loopback, "path_encoded", Some("/%63allback")),
            (loopback, "host_capitals", None),
            (loopback, "host_full_width_dots", Some("127．0．0．1")),
            (loopback, "host_folding", Some("①②⑦.0.0.①")),
            (loopback, "other_scheme", Some("https")),
            (web, "default_port", Some("443")),
            (web, "host_capitals", Some("ROBOT.EXAMPLE")),
            (web, "last_segment", Some("cb")),
            ("http://[::1]:80/cb", "host", Some("[::1]")),
            ("http://[::1]/cb", "port", Some("80")),
            ("com.example.app:/cb", "host", None),
        ] {
            assert_eq!(of(uri, name), Some(expected.map(str::to_owned)), "{uri} {name}");
        }
        assert_eq!(of(web, "nonsense"), None);
        assert!(NAMES.iter().all(|name| of(web, name).is_some()), "every name is known");
    }
}
