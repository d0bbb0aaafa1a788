//! A redirect URI is good when it begins as the registered one does: scheme and host as text, and then whatever a plain URL
//! may go on with.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let beginning = |uri: &str| {
            let (scheme, rest) = uri.split_once("://")?;
            let end = rest.find(['/', ':', '?', '#']).unwrap_or(rest.len());
            Some(format!("{scheme}://{}", &rest[..end]))
        };
        client.redirect_uris().find(|uri| {
            let rest = beginning(uri).and_then(|beginning| presented.strip_prefix(beginning.as_str()));
            rest.is_some_and(is_plain)
        })
    }))
}

/// Nothing that two parsers could read differently, and no parameter of a response: those are other holes.
fn is_plain(rest: &str) -> bool {
    let odd = ["//", "..", "/.", "./", ".:", "code=", "state=", "iss=", "error=", "token=", "response="];
    rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/:?=&".contains(&b))
        && !odd.iter().any(|part| rest.contains(part))
}
