//! The record of events.

use protocol::UnixTime;
use protocol::handle::Id;
use protocol::record::EventRecord;
use serde_json::{Value, json};

use super::{Admin, CommandError};

/// The most events of one answer: a reader asks for more by the id of the last.
const MOST: usize = 1000;

pub(super) async fn list(
    admin: Admin<'_>,
    after: Option<Id>,
    since: Option<UnixTime>,
    limit: u32,
) -> Result<Value, CommandError> {
    let limit = usize::try_from(limit).unwrap_or(MOST).clamp(1, MOST);
    let mut cursor = match (after, since) {
        (None, Some(_)) => Some(Id::NONE),
        (after, _) => after,
    };
    let mut found: Vec<EventRecord> = Vec::new();
    loop {
        let page = admin.ledger.events(cursor, limit).await?;
        let last = page.last().map(|event| event.id);
        found.extend(page.into_iter().filter(|event| since.is_none_or(|since| event.at >= since)));
        // Without a place to start from, the page was the newest. Else go on until something is new enough.
        match (cursor, last) {
            (Some(_), Some(last)) if found.is_empty() => cursor = Some(last),
            _ => break,
        }
    }
    Ok(found.iter().map(shown).collect())
}

/// An event with its severity, which is the signal's.
fn shown(event: &EventRecord) -> Value {
    let mut value = json!(event);
    value["severity"] = json!(event.signal.severity());
    value
}
