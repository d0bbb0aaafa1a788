//! The control of a whole run: some honest flow of the target works.
//!
//! A broken server refuses every attack. Cases have controls of their own where an honest variant exists; for those that only
//! look at pages or headers, and for features that seem to be off, this one stands in. Without it nothing is attacked.

use std::sync::Arc;
use std::time::Duration;

use crate::cx::{Cx, Shared};
use crate::exchange::Exchange;
use crate::verdict::{Stop, Verdict};

/// Roles whose honest flow is tried, in this order.
const ROLES: &[&str] = &["web", "native", "other", "machine", "key"];

/// Why nothing can be found out about a target.
#[derive(Debug, Clone)]
pub struct Lifeless {
    /// In one sentence.
    pub why: String,
    /// The exchange that showed it.
    pub evidence: Vec<Exchange>,
}

/// So much of the answer that showed it goes with every case, in bytes.
const MOST_SHOWN: usize = 1_000;

impl Lifeless {
    /// For this reason, as the last exchange shows.
    #[must_use]
    pub fn new(why: String, mut recorded: Vec<Exchange>) -> Self {
        let mut evidence: Vec<Exchange> = recorded.pop().into_iter().collect();
        for response in evidence.iter_mut().map(|exchange| &mut exchange.response) {
            let end = (0..=MOST_SHOWN.min(response.len())).rev().find(|end| response.is_char_boundary(*end));
            response.truncate(end.unwrap_or_default());
        }
        Self { why, evidence }
    }

    /// What every case comes to.
    #[must_use]
    pub fn verdict(&self) -> (Verdict, Vec<Exchange>) {
        (Stop::inconclusive(&self.why).into(), self.evidence.clone())
    }
}

impl Shared {
    /// Why nothing can be found out: the target is out of reach, or no honest flow works. `None` if one does, or if the target
    /// file names nothing to try one with. Tried once in a run.
    pub async fn lifeless(self: &Arc<Self>) -> Option<&Lifeless> {
        self.lifeless.get_or_init(|| tried(self)).await.as_ref()
    }
}

async fn tried(shared: &Arc<Shared>) -> Option<Lifeless> {
    let limit = Duration::from_secs(shared.target.limits.case_seconds);
    let cx = Cx::new(shared);
    let causes = match tokio::time::timeout(limit, all(&cx)).await {
        Ok(Ok(())) => return None,
        Ok(Err(causes)) => causes.join("; "),
        Err(_) => format!("none ended within {} s", limit.as_secs()),
    };
    Some(Lifeless::new(format!("no honest flow of the target works: {causes}"), cx.http.recorded()))
}

/// Ends with the first that works.
async fn all(cx: &Cx) -> Result<(), Vec<String>> {
    let mut causes = Vec::new();
    for role in ROLES {
        let Ok(client) = cx.client(role) else { continue };
        if client.redirect_uri.is_some() && cx.target().user.is_none() {
            continue;
        }
        match cx.honest_tokens(&client).await {
            Ok(_) => return Ok(()),
            Err(stop) => causes.push(format!("{role}: {stop}")),
        }
    }
    if causes.is_empty() { Ok(()) } else { Err(causes) }
}
