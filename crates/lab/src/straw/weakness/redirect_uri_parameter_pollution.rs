//! A redirect URI may bring parameters of the response along.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let named = |rest: &str| ["code=", "state=", "iss=", "error="].iter().any(|name| rest.contains(name));
        let planted = |rest: &str| {
            let rest = rest.replace("%3F", "?").replace("%3f", "?").replace("%3D", "=").replace("%3d", "=");
            rest.starts_with('?') && named(&rest)
        };
        client.redirect_uris().find(|uri| presented.strip_prefix(uri).is_some_and(planted))
    }))
}
