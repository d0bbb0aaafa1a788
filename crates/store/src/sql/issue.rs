//! Codes, and what is issued: each spend is one compare-and-set statement that comes before anything is inserted.

use protocol::authorize::CodePlan;
use protocol::handle::Id;
use protocol::record::AccessRecord;
use protocol::token::{GrantTouch, IssuePlan, Spend};
use rusqlite::{Connection, Result, params};

use super::rows::{claims_text, code_state, execute, key, list_text, offline_number};
use super::writer::Tally;
use crate::write::Outcome;

pub(super) fn code(connection: &Connection, tally: &mut Tally, plan: &CodePlan) -> Result<Outcome> {
    if let Some(parked) = plan.take_parked {
        // Of two presses on "allow" one takes the request away, the other finds nothing.
        if execute(connection, "DELETE FROM parked WHERE id = ?1", [key(parked)])? == 0 {
            return Ok(Outcome::Lost);
        }
        tally.parked = tally.parked.saturating_sub(1);
    }
    let (grant, code) = (&plan.grant, &plan.code);
    let authentication = &grant.authentication;
    execute(
        connection,
        "INSERT INTO grants (id, client_id, subject, scope, resources, auth_time, acr, amr, session_id, claims, created, \
         expires, last_used, confirmed, offline) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            key(grant.id),
            grant.client_id,
            grant.subject,
            grant.scope.as_str(),
            list_text(&grant.resources),
            authentication.time.0,
            authentication.acr,
            list_text(&authentication.amr),
            key(authentication.session),
            claims_text(&grant.claims),
            grant.created.0,
            grant.expires.0,
            grant.last_used.0,
            key(if grant.confirmed == Id::NONE { grant.id } else { grant.confirmed }),
            offline_number(grant.offline),
        ],
    )?;
    execute(
        connection,
        "INSERT INTO codes (id, grant_id, hash, redirect_uri, challenge, nonce, expires, state) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            key(code.id),
            key(grant.id),
            &code.hash.0,
            code.redirect_uri,
            code.challenge,
            code.nonce,
            code.expires.0,
            code_state(code.state),
        ],
    )?;
    if let Some(consent) = &plan.remember {
        execute(
            connection,
            "INSERT INTO consents (subject, client_id, redirect_uri, scope, resources, expires) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (subject, client_id) DO UPDATE SET \
             redirect_uri = excluded.redirect_uri, scope = excluded.scope, resources = excluded.resources, \
             expires = excluded.expires",
            params![
                consent.subject,
                consent.client_id,
                consent.redirect_uri,
                consent.scope.as_str(),
                list_text(&consent.resources),
                consent.expires.0,
            ],
        )?;
    }
    Ok(Outcome::Won(1))
}

pub(super) fn issue(connection: &Connection, plan: &IssuePlan) -> Result<Outcome> {
    if !spend(connection, plan)? {
        return Ok(Outcome::Lost);
    }
    if let Some(refresh) = &plan.refresh
        && let (Some((id, hash)), Some(grant)) = (refresh.stored(), plan.grant)
    {
        execute(
            connection,
            "INSERT INTO refresh_tokens (id, grant_id, hash, expires, state, successor) VALUES (?1, ?2, ?3, ?4, 2, ?1)",
            params![key(id), key(grant.id), &hash.0, refresh.expires.0],
        )?;
    }
    if let Some(access) = plan.access.stored() {
        insert_access(connection, access)?;
    }
    if let Some(GrantTouch { id, expires, last_used }) = plan.grant
        && (expires.is_some() || last_used.is_some())
    {
        execute(
            connection,
            "UPDATE grants SET expires = coalesce(?2, expires), last_used = coalesce(?3, last_used) WHERE id = ?1",
            params![key(id), expires.map(|time| time.0), last_used.map(|time| time.0)],
        )?;
    }
    Ok(Outcome::Won(1))
}

/// Uses up what the plan uses up, if everything is still as it was when it was peeked at.
fn spend(connection: &Connection, plan: &IssuePlan) -> Result<bool> {
    let now = plan.access.record.issued.0;
    // A plan without a refresh token leaves a rotated one with a successor that does not exist.
    let successor = plan.refresh.as_ref().and_then(|refresh| refresh.stored()).map_or(Id::NONE, |(id, _)| id);
    let changed = match plan.spend {
        Spend::Nothing => 1,
        // One statement reads and writes: between the two there is no room for another request.
        // defends: code-exchange-race, code-replay
        Spend::Code { id, grant } => execute(
            connection,
            "UPDATE codes SET state = 4 WHERE id = ?1 AND state = 2 AND grant_id = ?2 \
             AND EXISTS (SELECT 1 FROM grants WHERE id = ?2 AND ended IS NULL AND expires > ?3)",
            params![key(id), key(grant), now],
        )?,
        // defends: refresh-rotation-race, refresh-token-replay
        Spend::Rotate { id, grant } => execute(
            connection,
            "UPDATE refresh_tokens SET state = 3, successor = ?4 WHERE id = ?1 AND state = 2 AND grant_id = ?2 \
             AND EXISTS (SELECT 1 FROM grants WHERE id = ?2 AND ended IS NULL AND expires > ?3)",
            params![key(id), key(grant), now, key(successor)],
        )?,
        // Only while nothing of the first successor was used, and only one takes its place.  defends: refresh-rotation-race
        Spend::Reanswer { id, superseding, grant } => {
            let superseded = execute(
                connection,
                "UPDATE refresh_tokens SET state = 4 WHERE id = ?4 AND state = 2 AND grant_id = ?2 \
                 AND EXISTS (SELECT 1 FROM refresh_tokens WHERE id = ?1 AND state = 3 AND successor = ?4) \
                 AND EXISTS (SELECT 1 FROM grants WHERE id = ?2 AND ended IS NULL AND expires > ?3 AND confirmed < ?4)",
                params![key(id), key(grant), now, key(superseding)],
            )?;
            if superseded > 0 {
                execute(
                    connection,
                    "UPDATE refresh_tokens SET successor = ?2 WHERE id = ?1",
                    params![key(id), key(successor)],
                )?;
            }
            superseded
        }
        Spend::Reuse { id, grant } => execute(
            connection,
            "UPDATE refresh_tokens SET expires = coalesce(?4, expires) WHERE id = ?1 AND state = 2 AND grant_id = ?2 \
             AND EXISTS (SELECT 1 FROM grants WHERE id = ?2 AND ended IS NULL AND expires > ?3)",
            params![key(id), key(grant), now, plan.refresh.as_ref().map(|refresh| refresh.expires.0)],
        )?,
    };
    Ok(changed > 0)
}

fn insert_access(connection: &Connection, access: &AccessRecord) -> Result<usize> {
    execute(
        connection,
        "INSERT INTO access_tokens (id, grant_id, hash, client_id, subject, scope, audience, issued, expires) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            key(access.id),
            key(access.grant),
            &access.hash.0,
            access.client_id,
            access.subject,
            access.scope.as_str(),
            list_text(&access.audience),
            access.issued.0,
            access.expires.0,
        ],
    )
}
