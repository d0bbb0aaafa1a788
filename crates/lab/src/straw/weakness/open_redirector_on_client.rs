//! The client may be asked to send its visitor on: a parameter `to` behind the registered redirect URI is not compared.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        client.redirect_uris().find(|uri| presented.strip_prefix(uri).is_some_and(|rest| rest.starts_with("?to=")))
    }))
}
