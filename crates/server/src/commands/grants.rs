//! Grants: what people allowed clients.

use std::collections::HashMap;

use protocol::handle::Id;
use protocol::record::{EndReason, GrantRecord};
use protocol::signal::Signal;
use serde_json::{Value, json};
use store::GrantFilter;

use super::{Admin, CommandError, Which, clients, users};
use crate::events::About;

const STEP: usize = 256;

pub(super) async fn list(
    admin: Admin<'_>,
    client_id: Option<String>,
    username: Option<String>,
    which: Which,
) -> Result<Value, CommandError> {
    if let Some(client_id) = &client_id {
        clients::find(admin, client_id).await?;
    }
    let subject = match &username {
        Some(username) => Some(users::find(admin, username).await?.subject),
        None => None,
    };
    let live_at = match which {
        Which::All => None,
        Which::Live => Some(admin.now()),
    };
    let grants = collect(admin, &GrantFilter { client_id, subject, live_at }).await?;
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    for grant in &grants {
        if !names.contains_key(&grant.subject) {
            let user = admin.ledger.user_by_subject(&grant.subject).await?;
            names.insert(grant.subject.clone(), user.map(|user| user.username));
        }
    }
    let row = |grant: &GrantRecord| {
        json!({
            "grant": grant.id,
            "client_id": grant.client_id,
            "subject": grant.subject,
            "username": names.get(&grant.subject),
            "scope": grant.scope,
            "resources": grant.resources,
            "created": grant.created,
            "last_used": grant.last_used,
            "expires": grant.expires,
            "ended": grant.ended,
        })
    };
    Ok(grants.iter().map(row).collect())
}

pub(super) async fn end(admin: Admin<'_>, grant: Id) -> Result<Value, CommandError> {
    let unknown = || {
        CommandError::not_found(
            format!("there is no grant {grant} that could end"),
            "see `safeconduct grant list`; it may have ended or expired already",
        )
    };
    let before = Id(grant.0.checked_sub(1).ok_or_else(unknown)?);
    let found = admin.ledger.grants(&GrantFilter::default(), Some(before), 1).await?;
    let record = found.into_iter().find(|found| found.id == grant).ok_or_else(unknown)?;
    if !admin.ledger.end_grant(grant, EndReason::Operator, admin.now()).await? {
        return Err(unknown());
    }
    tell(admin, std::slice::from_ref(&record), "ended by the operator").await?;
    Ok(json!({ "grant": grant, "client_id": record.client_id, "subject": record.subject, "ended": true }))
}

/// All grants that pass a filter.
pub(super) async fn collect(admin: Admin<'_>, filter: &GrantFilter) -> Result<Vec<GrantRecord>, CommandError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = admin.ledger.grants(filter, after, STEP).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.id);
        all.extend(page);
    }
}

/// One event for each grant that ended.
pub(super) async fn tell(admin: Admin<'_>, ended: &[GrantRecord], detail: &str) -> Result<(), CommandError> {
    for grant in ended {
        let about = About::client(&grant.client_id).subject(&grant.subject).grant(grant.id).detail(detail);
        admin.raise(Signal::GrantEnded, about).await?;
    }
    Ok(())
}
