//! A redirect URI may bring parameters along, if they are those of a response.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let planted = |rest: &str| {
            let rest = rest.replace("%3F", "?").replace("%3f", "?").replace("%3D", "=").replace("%3d", "=");
            ["?code=", "?state=", "?iss=", "?error="].iter().any(|planted| rest.starts_with(planted))
        };
        client.redirect_uris().find(|uri| presented.strip_prefix(uri).is_some_and(planted))
    }))
}
