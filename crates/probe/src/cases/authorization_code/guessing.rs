//! How much of a code can be guessed.

use crate::case;
use crate::case::Case;
use crate::cases::entropy::{TOO_FEW_BITS, estimate, made_up};
use crate::cx::Cx;
use crate::verdict::{Stop, Verdict};

use super::honest_code;

/// Codes that are looked at.
const CODES: usize = 24;
/// Codes that are made up.
pub(in crate::cases) const GUESSES: usize = 50;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("code-online-guessing", "structure", "What codes have in common",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 10.10"], run: structure),
        case!("code-online-guessing", "made-up-codes", "Many made-up codes",
            needs: ["user", "web"], features: [], phase: Noisy, sections: ["RFC 6819 section 4.4.1.3"], run: guesses),
    ]
}

async fn structure(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        codes.push(honest_code(cx, &client).await?.1);
    }
    let bits = estimate(&codes);
    Ok(if bits < TOO_FEW_BITS {
        Verdict::vulnerable(format!("{CODES} codes show about {bits:.0} unpredictable bits each; 128 are the least"))
    } else {
        Verdict::resisted(format!("{CODES} codes show about {bits:.0} unpredictable bits each"))
    })
}

async fn guesses(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let (request, code) = honest_code(cx, &client).await?;
    cx.redeem(&request, &code).send(cx).await?.expect("access_token")?;
    let mut slowed = None;
    for number in 1..=GUESSES {
        let answer = cx.redeem(&request, &made_up(&code)).send_once(cx).await?;
        if answer.has_tokens() {
            return Ok(Verdict::vulnerable("a made-up code was redeemed"));
        }
        match (answer.answer.status, answer.member("error")) {
            (429, _) | (_, Some("slow_down" | "temporarily_unavailable")) => slowed = slowed.or(Some(number)),
            _ if answer.is_refused() => {}
            (status, _) => {
                return Err(Stop::inconclusive(format!("made-up code {number} was answered with status {status}")));
            }
        }
    }
    Ok(Verdict::resisted(words(slowed)))
}

/// What came of [`GUESSES`] made-up values.
pub(in crate::cases) fn words(slowed: Option<usize>) -> String {
    match slowed {
        Some(number) => format!(
            "all of {GUESSES} made-up values were refused, and from number {number} on the sender was told to wait"
        ),
        None => format!("all of {GUESSES} made-up values were refused; a limit was not reached by so few"),
    }
}
