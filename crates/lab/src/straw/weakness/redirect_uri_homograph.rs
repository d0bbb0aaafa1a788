//! Two spellings of a host are one when Unicode says that they look alike: compared after normalisation.

use url::Url;

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let host = presented.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
        if host.is_none_or(|host| host.is_ascii() && !host.contains('%')) {
            return None;
        }
        // The parser lower-cases, maps and normalises (UTS 46).
        let meant = Url::parse(presented).ok()?;
        client.redirect_uris().find(|uri| Url::parse(uri).is_ok_and(|url| url == meant))
    }))
}
