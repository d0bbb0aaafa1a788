//! Refresh tokens that are bound to a key (RFC 9449 section 5): a copy alone must be worth nothing.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::flow::proof::now;
use crate::flow::token::{BackAnswer, BackRequest};
use crate::forge::{KeyKind, SigningKey, proofs};
use crate::verdict::{Stop, Verdict};

use super::next;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("refresh-phishing-counterfeit-as", "another-key", "A bound refresh token with a proof by another key",
            needs: ["user", "native"], features: ["dpop"], phase: Normal, sections: ["RFC 9449 section 5"], run: another_key),
        case!("obtain-refresh-token-from-client", "without-its-key", "A bound refresh token without a proof",
            needs: ["user", "native"], features: ["dpop"], phase: Normal, sections: ["RFC 9449 section 5"], run: without_key),
    ]
}

/// Sends a token request with a proof by this key; once more where the server asks for a nonce (RFC 9449 section 8).
async fn proved(cx: &Cx, request: &BackRequest, key: &SigningKey) -> Result<BackAnswer, Stop> {
    let url = cx.endpoint("token_endpoint")?;
    let proof = || proofs::dpop_proof(key, "POST", url.as_str(), None, now());
    let answer = request.clone().header("DPoP", proof().sign_as(key, key.algorithm())?).send(cx).await?;
    match (answer.outcome().as_str(), answer.answer.header("dpop-nonce")) {
        ("error:use_dpop_nonce", Some(nonce)) => {
            let proof = proof().with_claim("nonce", nonce).sign_as(key, key.algorithm())?;
            request.clone().header("DPoP", proof).send(cx).await
        }
        _ => Ok(answer),
    }
}

/// A public client's refresh token that its key has refreshed before, about to be used again.
async fn bound(cx: &Cx) -> Result<BackRequest, Stop> {
    let (client, key) = (cx.client("native")?, SigningKey::generate(KeyKind::P256)?);
    let request = cx.request(&client)?;
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let tokens = proved(cx, &cx.redeem(&request, landing.code()?), &key).await?;
    let first = tokens.expect("refresh_token")?.to_owned();
    if !tokens.member("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("dpop")) {
        return Err(Stop::inconclusive("a redemption with a proof brought tokens that are not bound"));
    }
    let refreshed = proved(cx, &cx.refresh(&client, &first), &key).await?;
    refreshed.expect("access_token")?;
    Ok(cx.refresh(&client, &next(&refreshed, &first)))
}

fn judge(answer: &BackAnswer, found: &str) -> Result<Verdict, Stop> {
    match answer.outcome().as_str() {
        "tokens" => Ok(Verdict::vulnerable(found)),
        outcome if answer.is_refused() => Ok(Verdict::resisted(format!("the bound token was refused ({outcome})"))),
        other => Err(Stop::inconclusive(format!("the refresh came to {other}"))),
    }
}

async fn another_key(cx: &Cx) -> Result<Verdict, Stop> {
    let refresh = bound(cx).await?;
    let answer = proved(cx, &refresh, &SigningKey::generate(KeyKind::P256)?).await?;
    judge(&answer, "a refresh token that is bound to a key was used with another one")
}

async fn without_key(cx: &Cx) -> Result<Verdict, Stop> {
    let refresh = bound(cx).await?;
    judge(&refresh.send(cx).await?, "a refresh token that is bound to a key was used without a proof")
}
