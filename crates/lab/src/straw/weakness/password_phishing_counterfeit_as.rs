//! The pages are served under any name that leads to the server, and lead on under that name.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::Weakness;
use super::super::wire::{Head, Rewire};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyName)
}

/// Where the claimed host passes the edge.
const CLAIMED: &str = "x-straw-name";

struct AnyName;

fn pages(head: &mut Head, own: &str) {
    let target = head.line.split(' ').nth(1).unwrap_or_default();
    if ["/authorize", "/sign-in", "/consent"].iter().any(|page| target.starts_with(page)) {
        let claimed = head.get("host").to_owned();
        head.set(CLAIMED, &claimed);
        head.set("host", own);
    }
}

impl Weakness for AnyName {
    fn wire(&self) -> Option<Rewire> {
        Some(pages)
    }

    fn answer(&self, straw: &Straw, ask: &Ask, answer: &mut Answer) {
        let Some(claimed) = ask.header(CLAIMED).map(str::to_owned) else { return };
        if let Some(rest) = answer.location().and_then(|location| location.strip_prefix(&straw.issuer)) {
            let location = format!("http://{claimed}{rest}");
            answer.set_header(http::header::LOCATION, &location);
        }
    }
}
