//! Group `refresh`: what data cannot say.

mod bound;
mod chain;
mod guessing;
mod race;
mod scope;
mod strangers;

use crate::case::Case;
use crate::cx::{Cx, Role};
use crate::flow::token::BackAnswer;
use crate::verdict::Stop;

/// All of them.
pub(super) fn all() -> Vec<Case> {
    [bound::all(), chain::all(), guessing::all(), race::all(), scope::all(), strangers::all()]
        .into_iter()
        .flatten()
        .collect()
}

/// The refresh token of a new grant.
async fn fresh(cx: &Cx, client: &Role) -> Result<String, Stop> {
    Ok(cx.honest_tokens(client).await?.expect("refresh_token")?.to_owned())
}

/// The refresh token to use after this answer: the new one, or the old one where it is not replaced.
fn next(answer: &BackAnswer, old: &str) -> String {
    answer.member("refresh_token").unwrap_or(old).to_owned()
}

/// Refreshes as a control.
async fn refreshed(cx: &Cx, client: &Role, token: &str) -> Result<String, Stop> {
    let answer = cx.refresh(client, token).send(cx).await?;
    answer.expect("access_token")?;
    Ok(next(&answer, token))
}
