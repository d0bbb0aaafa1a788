//! The server believes what a request says of its host: it answers under any name, and makes its own addresses of it.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::Weakness;
use super::super::wire::{Head, Rewire};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyHost)
}

/// Where the claimed host passes the edge.
const CLAIMED: &str = "x-straw-host";

struct AnyHost;

fn believe(head: &mut Head, own: &str) {
    let forwarded = head.get("x-forwarded-host");
    let claimed = if forwarded.is_empty() { head.get("host") } else { forwarded };
    let claimed = claimed.to_owned();
    head.set("host", own);
    head.set(CLAIMED, &claimed);
}

impl Weakness for AnyHost {
    fn wire(&self) -> Option<Rewire> {
        Some(believe)
    }

    fn answer(&self, straw: &Straw, ask: &Ask, answer: &mut Answer) {
        let own = straw.issuer.trim_start_matches("http://");
        let claimed = ask.header(CLAIMED).unwrap_or(own);
        if claimed == own || claimed.is_empty() {
            return;
        }
        let there = |text: &str| text.replace(&straw.issuer, &format!("http://{claimed}"));
        if ask.path.starts_with("/.well-known/") {
            answer.set_body(there(&answer.text()));
        }
        if let Some(location) = answer.location().filter(|location| location.starts_with(&straw.issuer)) {
            let location = there(location);
            answer.set_header(http::header::LOCATION, &location);
        }
    }
}
