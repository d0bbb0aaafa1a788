//! How much of a refresh token can be guessed.

use crate::case;
use crate::case::Case;
use crate::cases::authorization_code::guessing::{GUESSES, words};
use crate::cases::entropy::{TOO_FEW_BITS, estimate, made_up};
use crate::cx::Cx;
use crate::verdict::{Stop, Verdict};

use super::{fresh, refreshed};

/// Tokens that are looked at.
const TOKENS: usize = 24;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("refresh-online-guessing", "structure", "What the tokens of one chain have in common",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 6749 section 10.10"], run: structure),
        case!("refresh-online-guessing", "made-up-tokens", "Many made-up tokens",
            needs: ["user", "native"], features: [], phase: Noisy, sections: ["RFC 6819 section 4.5.3"], run: guesses),
    ]
}

/// One chain where tokens are replaced, else one grant for each token.
async fn structure(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let mut tokens = vec![fresh(cx, &client).await?];
    while let (Some(last), true) = (tokens.last(), tokens.len() < TOKENS) {
        let next = refreshed(cx, &client, last).await?;
        let next = if next == *last { fresh(cx, &client).await? } else { next };
        tokens.push(next);
    }
    let bits = estimate(&tokens);
    Ok(if bits < TOO_FEW_BITS {
        Verdict::vulnerable(format!(
            "{TOKENS} refresh tokens show about {bits:.0} unpredictable bits each; 128 are the least"
        ))
    } else {
        Verdict::resisted(format!("{TOKENS} refresh tokens show about {bits:.0} unpredictable bits each"))
    })
}

async fn guesses(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let real = refreshed(cx, &client, &fresh(cx, &client).await?).await?;
    let mut slowed = None;
    for number in 1..=GUESSES {
        let answer = cx.refresh(&client, &made_up(&real)).send_once(cx).await?;
        if answer.has_tokens() {
            return Ok(Verdict::vulnerable("a made-up refresh token worked"));
        }
        match (answer.answer.status, answer.member("error")) {
            (429, _) | (_, Some("slow_down" | "temporarily_unavailable")) => slowed = slowed.or(Some(number)),
            _ if answer.is_refused() => {}
            (status, _) => {
                return Err(Stop::inconclusive(format!("made-up token {number} was answered with status {status}")));
            }
        }
    }
    let after = cx.refresh(&client, &real).send(cx).await?;
    if after.is_refused() && after.answer.status != 429 {
        return Ok(Verdict::vulnerable("guesses at other tokens ended the real one: anybody can throw people out"));
    }
    Ok(Verdict::resisted(words(slowed)))
}
