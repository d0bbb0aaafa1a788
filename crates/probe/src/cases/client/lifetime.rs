//! How long a copied access token is worth something.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::token::BackAnswer;
use crate::forge::decode;
use crate::verdict::{Stop, Verdict};

/// An hour: longer is a finding. Ten minutes are better.
const LONGEST: i64 = 3600;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("obtain-access-token-from-client", "stated-lifetime", "The lifetime that a person's access token states",
            needs: ["user", "web"], features: ["authorization-code"], phase: Normal,
            sections: ["RFC 6749 section 5.1", "RFC 6750 section 5.3"], run: of_web),
        case!("obtain-access-token-from-client", "stated-lifetime-of-a-public-client",
            "The lifetime that a public client's access token states",
            needs: ["user", "native"], features: ["authorization-code"], phase: Normal,
            sections: ["RFC 6749 section 5.1", "RFC 6750 section 5.3"], run: of_native),
    ]
}

async fn of_web(cx: &Cx) -> Result<Verdict, Stop> {
    stated(&cx.honest_tokens(&cx.client("web")?).await?)
}

async fn of_native(cx: &Cx) -> Result<Verdict, Stop> {
    stated(&cx.honest_tokens(&cx.client("native")?).await?)
}

/// What the answer says, and what the token says where it can be read. The longer one counts.
fn stated(tokens: &BackAnswer) -> Result<Verdict, Stop> {
    let said = tokens.json["expires_in"].as_i64();
    let written = decode(tokens.expect("access_token")?).and_then(|token| {
        let (from, to) = (token.claims["iat"].as_i64()?, token.claims["exp"].as_i64()?);
        Some(to.saturating_sub(from))
    });
    match (said, written) {
        (None, None) => Err(Stop::inconclusive("neither the answer nor the token says how long it lives")),
        _ if said.max(written) > Some(LONGEST) => {
            let seconds = said.max(written).unwrap_or_default();
            Ok(Verdict::vulnerable(format!("an access token lives {seconds} s, more than an hour")))
        }
        (Some(said), Some(written)) if written > said + 60 => {
            Ok(Verdict::vulnerable(format!("the answer says {said} s, but the token itself is good for {written} s")))
        }
        _ => Ok(Verdict::resisted(format!("an access token lives {} s", said.max(written).unwrap_or_default()))),
    }
}
