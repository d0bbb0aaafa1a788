//! A redirect URI is good when it begins as the registered one does: scheme and host as text, and then whatever.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let beginning = |uri: &str| {
            let (scheme, rest) = uri.split_once("://")?;
            let end = rest.find(['/', ':', '?', '#']).unwrap_or(rest.len());
            Some(format!("{scheme}://{}", &rest[..end]))
        };
        client.redirect_uris().find(|uri| beginning(uri).is_some_and(|beginning| presented.starts_with(&beginning)))
    }))
}
