//! Text and addresses of others, made harmless to read. Escaping is the templates' work; this is about what the eye
//! sees.

use url::{Host, Url};

/// Longest name of a client or a person on a page, in characters.
pub const NAME: usize = 80;
/// Longest heading of others on a page, such as a scope's title, in characters.
pub const TITLE: usize = 120;
/// Longest sentence of others on a page, in characters.
pub const SENTENCE: usize = 400;
/// Longest address on a page, in characters; a host name has at most 253.
pub const ADDRESS: usize = 300;

/// Stands where a character was that cannot be seen or that turns text around.
const VISIBLE: char = '\u{FFFD}';
/// Marks that may sit on one letter; more is paint over the page.
const MOST_MARKS: usize = 2;

/// `text` on one line, at most `most` characters. Characters that are invisible, turn the direction or have no
/// meaning to a reader become `U+FFFD`, so that a name which tries to hide something looks like it; piled-up marks
/// are thinned out.
///
/// Not escaped: the templates do that. The result cannot contain the isolates that [`super::Locale`] puts around it.
pub fn safe_text(text: &str, most: usize) -> String {
    // defends: consent-page-injection  A name that reads differently from what it is lies without any markup.
    let mut shown = String::new();
    let (mut count, mut marks) = (0, 0);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let before = shown.chars().next_back();
        let character = match character {
            character if character.is_whitespace() => ' ',
            // Joiners shape Persian, Indic and emoji text; beside a Latin letter they only hide.
            '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}'
                if before.is_some_and(|c| !c.is_ascii())
                    && characters.peek().is_none_or(|c| !c.is_ascii_alphanumeric()) =>
            {
                character
            }
            character if is_deceptive(character) => VISIBLE,
            character => character,
        };
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks > MOST_MARKS || (character == ' ' && before.is_none_or(|c| c == ' ')) {
            continue;
        }
        if count == most {
            shown.truncate(shown.trim_end().len());
            shown.push('…');
            return shown;
        }
        shown.push(character);
        count += 1;
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// Whether a reader cannot see the character, or it changes how others are shown.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{E000}'..='\u{F8FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFC}' | '\u{FFFE}' | '\u{FFFF}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{10FFFF}')
}

fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Where the browser goes with the answer, in the words a person can check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An app on this device that claimed a private-use scheme; holds the scheme, such as `com.example.mail`.
    App(String),
    /// A program on this device that listens on loopback; holds host and port.
    Device(String),
    /// A web site; holds the host as an A-label, with the port when it is not the usual one, and `http://` when that
    /// is all it has.
    Website(String),
}

impl Destination {
    /// Reads a redirect URI for display only: nothing is matched or sent with the result.
    pub fn of(redirect_uri: &str) -> Destination {
        // defends: redirect-uri-homograph  Hosts are shown as A-labels, without user information, path or query to
        // play with.
        let Ok(url) = Url::parse(redirect_uri) else {
            return Destination::App(safe_text(redirect_uri.split(':').next().unwrap_or_default(), NAME));
        };
        match (url.scheme(), authority(&url)) {
            ("https", Some(host)) => Destination::Website(host),
            ("http", Some(host)) if is_loopback(&url) => Destination::Device(host),
            ("http", Some(host)) => Destination::Website(format!("http://{host}")),
            (scheme, _) => Destination::App(safe_text(scheme, NAME)),
        }
    }

    /// The host or scheme.
    pub fn label(&self) -> &str {
        match self {
            Destination::App(label) | Destination::Device(label) | Destination::Website(label) => label,
        }
    }
}

/// Host as an A-label, and the port when it is not the scheme's own.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let host = safe_text(host, ADDRESS);
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

/// Whether the URL points to this device by an address, or by the name that browsers resolve to one.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A link to a page that a client named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The address in the link.
    pub(crate) href: String,
    /// The host, shown beside the link's name.
    pub(crate) host: String,
}

/// A link the page may show: https without user information. Anything else gets none.
pub(crate) fn link(uri: &str) -> Option<Link> {
    // defends: consent-page-injection  `javascript:`, `data:` and plain http never become a link on the consent page.
    let url = Url::parse(uri)
        .ok()
        .filter(|url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none())?;
    Some(Link { host: authority(&url)?, href: url.into() })
}

/// Whether a page may send the browser to this redirect URI: https, http, or a private-use scheme with a period (RFC
/// 8252 section 7.1). The rules at registration are stricter; this is the last look before the URI is written into a
/// page.
pub(crate) fn is_target(uri: &str) -> bool {
    // defends: redirect-uri-dangerous-scheme  `javascript:` in a link or a form's action would run on this origin.
    Url::parse(uri).is_ok_and(|url| match url.scheme() {
        "https" | "http" => url.host_str().is_some_and(|host| !host.is_empty()),
        scheme => scheme.contains('.'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_page_injection_names_that_hide_something_show_it() {
        for (name, shown) in [
            ("Mail robot", "Mail robot"),
            ("  Mail \t\r\n robot ", "Mail robot"),
            ("Pay\u{200B}Pal", "Pay\u{FFFD}Pal"),
            ("Bank \u{202E}lap\u{202C}", "Bank \u{FFFD}lap\u{FFFD}"),
            ("A\u{2069}B\u{2068}C", "A\u{FFFD}B\u{FFFD}C"),
            ("a\0b\u{7f}c\u{9b}d", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d"),
            ("x\u{E0041}\u{E000}y", "x\u{FFFD}\u{FFFD}y"),
            ("Z\u{301}\u{301}\u{301}\u{301}\u{301}o", "Z\u{301}\u{301}o"),
            ("Mail\u{200D}bot", "Mail\u{FFFD}bot"),
            ("علی\u{200C}رضا", "علی\u{200C}رضا"),
            ("\u{2028}\u{3164}", "\u{FFFD}"),
        ] {
            assert_eq!(safe_text(name, NAME), shown, "{name:?}");
        }
        assert_eq!(safe_text("abcdef", 3), "abc…");
        assert_eq!(safe_text(&"🤖".repeat(500), NAME).chars().count(), NAME + 1);
    }

    #[test]
    fn redirect_uri_homograph_hosts_are_shown_as_a_labels() {
        for (uri, destination) in [
            ("https://robot.example/cb", Destination::Website("robot.example".into())),
            ("https://robot.example:443/cb", Destination::Website("robot.example".into())),
            ("https://robot.example:8443/cb", Destination::Website("robot.example:8443".into())),
            ("https://раураl.example/cb", Destination::Website("xn--l-7sba6dbr.example".into())),
            ("https://bank.example@evil.example/", Destination::Website("evil.example".into())),
            ("http://evil.example/cb", Destination::Website("http://evil.example".into())),
            ("http://127.0.0.1:9/cb", Destination::Device("127.0.0.1:9".into())),
            ("http://[::1]:9/cb", Destination::Device("[::1]:9".into())),
            ("com.example.mail:/cb", Destination::App("com.example.mail".into())),
            ("not a uri", Destination::App("not a uri".into())),
        ] {
            assert_eq!(Destination::of(uri), destination, "{uri}");
        }
    }

    #[test]
    fn consent_page_injection_only_https_becomes_a_link() {
        for uri in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://a.example/",
            "https://a@b.example/",
            "//a.example",
            "",
            "https://",
        ] {
            assert_eq!(link(uri), None, "{uri}");
        }
        let good = link("https://robot.example/policy?a=1");
        assert_eq!(
            good.map(|link| (link.href, link.host)),
            Some(("https://robot.example/policy?a=1".into(), "robot.example".into()))
        );
    }

    #[test]
    fn redirect_uri_dangerous_scheme_is_no_target() {
        for uri in [
            "javascript:alert(1)//a.b",
            "JaVaScRiPt:x",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://a",
            "file:///etc",
            "about:blank",
            "x",
        ] {
            assert!(!is_target(uri), "{uri}");
        }
        for uri in ["https://a.example/cb?x=1", "http://127.0.0.1:1/", "com.example.app:/cb"] {
            assert!(is_target(uri), "{uri}");
        }
    }
}
