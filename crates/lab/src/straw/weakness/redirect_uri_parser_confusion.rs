//! The address is compared by a parser that reads it otherwise than a browser: it looks for the registered host somewhere,
//! and for the registered path after undoing dots and escapes.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let (scheme, rest) = presented.split_once(':').unwrap_or(("", presented));
        if !matches!(scheme.trim().to_ascii_lowercase().as_str(), "http" | "https") && !presented.starts_with('/') {
            return None;
        }
        let traversal = ["..", "%2e", "%2E", ";", "%2f", "%2F"].iter().any(|part| rest.contains(part));
        let confusing = rest.contains(['@', '\\', '[', ']', '#']) || rest.contains(|c: char| c.is_control());
        let slashes = !rest.starts_with("//") || rest.starts_with("///");
        let escapes = ["%00", "%09", "%0d", "%0D", "%0a", "%0A", "%5c", "%5C", "%40", "%23", "%252e", "%252f"];
        let escaped = escapes.iter().any(|part| rest.contains(part));
        let start = presented.trim_start_matches(|c: char| c.is_control() || c == ' ').to_ascii_lowercase();
        if !(start.starts_with("http") || start.starts_with('/')) {
            return None;
        }
        if !presented.is_ascii() || !(traversal || confusing || slashes || escaped) {
            return None;
        }
        let host = |uri: &str| uri.split('/').nth(2).map(|host| host.to_owned());
        client.redirect_uris().find(|uri| host(uri).is_some_and(|host| presented.contains(&host)))
    }))
}
