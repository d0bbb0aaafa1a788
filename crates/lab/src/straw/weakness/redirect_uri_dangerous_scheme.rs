//! A redirect URI may be a script.

use super::super::layer::Weakness;
use super::loose::Loose;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Loose(|client, presented| {
        let scheme = presented.trim_start().split(':').next().unwrap_or_default().to_ascii_lowercase();
        let script = matches!(scheme.as_str(), "javascript" | "data" | "vbscript" | "file" | "blob" | "about");
        if script { client.redirect_uris().next() } else { None }
    }))
}
