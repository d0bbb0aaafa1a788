//! One code, many connections, one moment.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::call::{Place, outcome};
use crate::flow::token::{BackAnswer, BackRequest};
use crate::verdict::{Stop, Verdict};

use super::honest_code;

/// Requests that arrive together.
pub(in crate::cases) const PARALLEL: usize = 20;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("code-exchange-race", "confidential-client", "A confidential client's code on many connections at once",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.2"], run: confidential),
        case!("code-exchange-race", "public-client", "A public client's code on many connections at once",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.2"], run: public),
        case!("code-exchange-race", "all-die-with-the-grant", "What a race brought, after the grant was revoked",
            needs: ["user", "web"], features: ["refresh", "revocation", "userinfo"], phase: Normal,
            sections: ["RFC 6749 section 4.1.2", "RFC 7009 section 2.1"], run: all_die),
    ]
}

async fn confidential(cx: &Cx) -> Result<Verdict, Stop> {
    rounds(cx, "web").await
}

async fn public(cx: &Cx) -> Result<Verdict, Stop> {
    rounds(cx, "native").await
}

/// Sends the request [`PARALLEL`] times at once. Answers that did not come are left out.
pub(in crate::cases) async fn at_once(cx: &Cx, request: &BackRequest) -> Result<Vec<BackAnswer>, Stop> {
    // Each is built anew: a client assertion may be used once.
    let requests = (0..PARALLEL).map(|_| request.build(cx)).collect::<Result<Vec<_>, _>>()?;
    let answers = cx.http.burst(&requests).await?;
    Ok(answers.into_iter().flatten().map(|answer| BackAnswer { json: answer.json(), answer }).collect())
}

async fn rounds(cx: &Cx, role: &str) -> Result<Verdict, Stop> {
    let client = cx.client(role)?;
    let rounds = cx.target().limits.race_rounds.max(1);
    let mut redeemed = 0;
    for round in 1..=rounds {
        let (request, code) = honest_code(cx, &client).await?;
        let answers = at_once(cx, &cx.redeem(&request, &code)).await?;
        let winners = answers.iter().filter(|answer| answer.has_tokens()).count();
        if winners > 1 {
            let found =
                format!("in round {round}, {winners} of {PARALLEL} parallel redemptions of one code got tokens");
            return Ok(Verdict::vulnerable(found));
        }
        redeemed += winners;
    }
    if redeemed == 0 {
        return Err(Stop::inconclusive(format!(
            "in {rounds} rounds of parallel redemptions none got tokens, not even the first"
        )));
    }
    let found = format!("in {rounds} rounds of {PARALLEL} parallel redemptions each, no code gave tokens twice");
    Ok(Verdict::resisted(found))
}

/// Tokens that belong to no grant cannot be revoked: whatever the race brought must end with it.
async fn all_die(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let userinfo = cx.endpoint("userinfo_endpoint")?;
    let request = cx.request(&client)?.unset("resource");
    let landing = cx.walk(&mut cx.person(), &request, crate::person::Intent::Allow).await?;
    let answers = at_once(cx, &cx.redeem(&request, landing.code()?)).await?;
    let won: Vec<_> = answers.iter().filter(|answer| answer.has_tokens()).collect();
    let first = won.first().ok_or_else(|| Stop::inconclusive("none of the parallel redemptions got tokens"))?;
    let revoked = cx.revoke(&client, first.expect("refresh_token")?).send(cx).await?;
    if revoked.outcome() != "done" {
        return Err(Stop::inconclusive(format!("the revocation came to {}", revoked.outcome())));
    }
    for answer in &won {
        if outcome(&cx.call(&userinfo, "GET", answer.expect("access_token")?, Place::Header).await?) == "accepted" {
            return Ok(Verdict::vulnerable("an access token from the race lives on after the grant was revoked"));
        }
        if let Some(token) = answer.member("refresh_token")
            && cx.refresh(&client, token).send(cx).await?.has_tokens()
        {
            return Ok(Verdict::vulnerable("a refresh token from the race lives on after the grant was revoked"));
        }
    }
    Ok(Verdict::resisted(format!("all tokens of the race ({} answers with tokens) died with the grant", won.len())))
}
