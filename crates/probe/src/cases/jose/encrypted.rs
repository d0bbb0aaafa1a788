//! Encrypted tokens: unsigned content, costly parameters, points off the curve.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Reception, doors, jwks, open_doors, reception, try_doors, usual_tokens};
use crate::cases::jose::Signer;
use crate::cx::Cx;
use crate::forge::bent::Bent;
use crate::forge::{Draft, PublicKey, decode, jwe};
use crate::verdict::{Stop, Verdict};

/// What a refusal may take longer than the refusal of rubbish before it counts as work done for the attacker.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("jwe-abuse", "unsigned-access-token", "Claims without a signature, encrypted to the server's own key",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 8725 section 2.3", "RFC 7516 section 11"], run: unsigned_access_token),
        case!("jwe-abuse", "unsigned-assertion", "A client assertion without a signature, encrypted to the server's key",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 8725 section 2.3"], run: unsigned_assertion),
        case!("jwe-abuse", "costly-access-token", "Encrypted tokens that ask for work, at the resource",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 8725 section 2.5", "RFC 7518 section 4.8.1.2"], run: costly_access_token),
        case!("jwe-abuse", "costly-assertion", "Encrypted client assertions that ask for work",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 8725 section 2.5", "RFC 7518 section 4.8.1.2"], run: costly_assertion),
    ]
}

/// `draft` inside, encrypted to each published key that can be encrypted to.
async fn to_each_key(cx: &Cx, draft: &Draft) -> Result<Vec<Bent>, Stop> {
    let jwks = jwks(cx).await?;
    let mut all = Vec::new();
    for jwk in jwks["keys"].as_array().into_iter().flatten() {
        // A key that cannot be encrypted to (Ed25519, P-384) gives none.
        if let Some(made) = PublicKey::from_jwk(jwk).and_then(|key| jwe::unsigned_inside(&key, &jwk["kid"], draft).ok())
        {
            all.extend(made);
        }
    }
    if all.is_empty() {
        return Err(Stop::NotApplicable("the server publishes no key that one can encrypt to".into()));
    }
    Ok(all)
}

async fn unsigned_access_token(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?;
    let open = open_doors(cx, token).await?;
    // Where access tokens are opaque, the claims are those that RFC 9068 asks for.
    let draft = decode(token)
        .map_or_else(|| Draft::new(json!({ "typ": "at+jwt" }), usual_claims(cx)), |genuine| genuine.draft());
    try_doors(cx, &open, &to_each_key(cx, &draft).await?).await
}

fn usual_claims(cx: &Cx) -> Value {
    let now = crate::flow::proof::now();
    let audience = cx.resource().ok().and_then(|resource| resource.identifier.clone());
    json!({
        "iss": cx.target().issuer, "sub": "admin", "aud": audience, "client_id": "admin", "scope": "openid",
        "iat": now, "exp": now + 300, "jti": crate::forge::random_text(),
    })
}

async fn unsigned_assertion(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let all = to_each_key(cx, &signer.draft()).await?;
    signer.try_all(cx, &all).await
}

async fn costly_access_token(cx: &Cx) -> Result<Verdict, Stop> {
    let Some(door) = doors(cx).into_iter().next() else {
        return Err(Stop::inconclusive("the target has neither a protected resource nor userinfo"));
    };
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    open_doors(cx, tokens.expect("access_token")?).await?;
    let mut slowest = Duration::ZERO;
    for bent in jwe::hostile_shapes()? {
        let began = Instant::now();
        let answer = door.knock(cx, &bent.token).await?;
        if let Some(finding) = costly(&bent, reception(&answer), answer.status, began.elapsed())? {
            return Ok(finding);
        }
        slowest = slowest.max(began.elapsed());
    }
    Ok(Verdict::resisted(format!("each was refused, the slowest within {} ms", slowest.as_millis())))
}

async fn costly_assertion(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let mut slowest = Duration::ZERO;
    for bent in jwe::hostile_shapes()? {
        let source = cx.elsewhere();
        let began = Instant::now();
        let answer = signer.present(&source, &bent.token).await?.answer;
        if let Some(finding) = costly(&bent, reception(&answer), answer.status, began.elapsed())? {
            return Ok(finding);
        }
        slowest = slowest.max(began.elapsed());
    }
    Ok(Verdict::resisted(format!("each was refused, the slowest within {} ms", slowest.as_millis())))
}

fn costly(bent: &Bent, reception: Reception, status: u16, took: Duration) -> Result<Option<Verdict>, Stop> {
    match reception {
        Reception::Accepted => Ok(Some(Verdict::vulnerable(format!("a token was accepted that is {}", bent.name)))),
        Reception::Trouble => Err(Stop::inconclusive(format!("a token that is {} came to status {status}", bent.name))),
        Reception::Refused if took > PATIENCE => Ok(Some(Verdict::vulnerable(format!(
            "the server worked {} ms on a token that is {}",
            took.as_millis(),
            bent.name
        )))),
        Reception::Refused => Ok(None),
    }
}
