//! The sign-in page is served under any name that leads to the server.

use super::super::layer::Weakness;
use super::super::wire::{Head, Rewire};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyName)
}

struct AnyName;

fn pages(head: &mut Head, own: &str) {
    let target = head.line.split(' ').nth(1).unwrap_or_default();
    if ["/authorize", "/sign-in", "/consent"].iter().any(|page| target.starts_with(page)) {
        head.set("Host", own);
    }
}

impl Weakness for AnyName {
    fn wire(&self) -> Option<Rewire> {
        Some(pages)
    }
}
