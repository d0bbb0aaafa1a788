//! One refresh token, many connections, one moment.

use std::collections::BTreeSet;

use crate::case;
use crate::case::Case;
use crate::cases::authorization_code::race::{PARALLEL, at_once};
use crate::cx::Cx;
use crate::verdict::{Stop, Verdict};

use super::fresh;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("refresh-rotation-race", "public-client", "A public client's refresh token on many connections at once",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 9700 section 4.14.2"], run: public),
        case!("refresh-rotation-race", "confidential-client", "A confidential client's refresh token on many connections at once",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6819 section 5.2.2.3"], run: confidential),
    ]
}

async fn public(cx: &Cx) -> Result<Verdict, Stop> {
    rounds(cx, "native").await
}

async fn confidential(cx: &Cx) -> Result<Verdict, Stop> {
    rounds(cx, "web").await
}

/// Each round races with the token of the chain, then tries every successor that came: a second one that works is a fork.
async fn rounds(cx: &Cx, role: &str) -> Result<Verdict, Stop> {
    let client = cx.client(role)?;
    let rounds = cx.target().limits.race_rounds.max(1);
    let (mut chain, mut refreshed, mut several, mut ended) = (None, 0, 0, 0);
    for round in 1..=rounds {
        let token = match chain.take() {
            Some(token) => token,
            None => fresh(cx, &client).await?,
        };
        let answers = at_once(cx, &cx.refresh(&client, &token)).await?;
        let won: Vec<_> = answers.iter().filter(|answer| answer.has_tokens()).collect();
        refreshed += won.len();
        // Where the token is not replaced, all get the same one, and there is nothing to fork.
        let successors: BTreeSet<String> = won.iter().map(|answer| super::next(answer, &token)).collect();
        let mut alive = Vec::new();
        for successor in &successors {
            let answer = cx.refresh(&client, successor).send(cx).await?;
            if answer.has_tokens() {
                alive.push(super::next(&answer, successor));
            }
        }
        if alive.len() > 1 {
            let found = format!("in round {round}, {PARALLEL} parallel refreshes left {} branches alive", alive.len());
            return Ok(Verdict::vulnerable(found));
        }
        several += u32::from(successors.len() > 1);
        ended += u32::from(alive.is_empty());
        chain = alive.pop();
    }
    if refreshed == 0 {
        return Err(Stop::inconclusive(format!(
            "in {rounds} rounds of parallel refreshes none got tokens, not even the first"
        )));
    }
    let mut found = format!("in {rounds} rounds of {PARALLEL} parallel refreshes no more than one branch lived on");
    if several > 0 {
        found += &format!("; {several} rounds brought several tokens, of which at most one is good");
    }
    if ended > 0 {
        found += &format!(
            "; in {ended} the chain was over once all were tried: a client that refreshes in two tabs may be signed out"
        );
    }
    Ok(Verdict::resisted(found))
}
