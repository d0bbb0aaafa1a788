//! A native app's loopback address may also be written as a number.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let rest = presented.strip_prefix("http://2130706433:")?;
        let path = &rest[rest.find('/')?..];
        client.redirect_uris().find(|uri| uri.strip_prefix("http://127.0.0.1") == Some(path))
    }))
}
