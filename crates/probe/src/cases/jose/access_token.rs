//! Access tokens that are JWTs, bent, at the protected resource and at userinfo.

use serde_json::Value;

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Door, jwks, open_doors, try_doors, usual_tokens};
use crate::cases::jose::trap::Trap;
use crate::cx::Cx;
use crate::forge::{self, Decoded, KeyKind, SigningKey, bent};
use crate::verdict::{Outcome, Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("jwt-algorithm-substitution", "access-token", "Access tokens without signature or by another algorithm",
            needs: ["user", "web"], features: ["jwt-access-tokens"], phase: Normal,
            sections: ["RFC 9068 section 4", "RFC 8725 section 3.1"], run: algorithm),
        case!("jwt-key-injection", "access-token", "Access tokens that bring or name their own key",
            needs: ["user", "web"], features: ["jwt-access-tokens"], phase: Normal,
            sections: ["RFC 8725 section 3.10"], run: key),
        case!("jwt-weak-key-or-signature", "access-token", "Access tokens with zero, cut and lengthened signatures",
            needs: ["user", "web"], features: ["jwt-access-tokens"], phase: Normal,
            sections: ["RFC 7518 section 3.4"], run: signature),
        case!("access-token-guessing", "edited", "Access tokens with changed content under the old signature",
            needs: ["user", "web"], features: ["jwt-access-tokens"], phase: Normal,
            sections: ["RFC 9068 section 4"], run: edited),
        case!("jwt-type-confusion", "other-shapes", "An access token in other serialisations and with data after it",
            needs: ["user", "web"], features: ["jwt-access-tokens"], phase: Normal,
            sections: ["RFC 8725 section 2.6", "RFC 9068 section 2"], run: shapes),
    ]
}

/// A genuine access token, and where it opens.
pub(super) struct Genuine {
    pub(super) token: String,
    pub(super) decoded: Decoded,
    pub(super) jwks: Value,
    pub(super) doors: Vec<Door>,
}

pub(super) async fn genuine(cx: &Cx) -> Result<Genuine, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?.to_owned();
    let jwks = jwks(cx).await?;
    let decoded =
        forge::decode(&token).ok_or_else(|| Stop::NotApplicable("the server's access tokens are no JWTs".into()))?;
    let doors = open_doors(cx, &token).await?;
    Ok(Genuine { token, decoded, jwks, doors })
}

async fn algorithm(cx: &Cx) -> Result<Verdict, Stop> {
    let genuine = genuine(cx).await?;
    try_doors(cx, &genuine.doors, &bent::algorithm_substitution(&genuine.decoded, &genuine.jwks)).await
}

async fn key(cx: &Cx) -> Result<Verdict, Stop> {
    let genuine = genuine(cx).await?;
    let ec = foreign_key(cx, &genuine, KeyKind::P256).await?;
    if ec.outcome == Outcome::Vulnerable { Ok(ec) } else { foreign_key(cx, &genuine, KeyKind::Rsa2048).await }
}

async fn foreign_key(cx: &Cx, genuine: &Genuine, kind: KeyKind) -> Result<Verdict, Stop> {
    let foreign = SigningKey::generate(kind)?;
    let trap = Trap::with(&foreign.jwks()).await?;
    let all = bent::key_injection(&genuine.decoded, &foreign, trap.url())?;
    trap.judge(try_doors(cx, &genuine.doors, &all).await)
}

async fn signature(cx: &Cx) -> Result<Verdict, Stop> {
    let genuine = genuine(cx).await?;
    try_doors(cx, &genuine.doors, &bent::weak_signature(&genuine.decoded)).await
}

async fn edited(cx: &Cx) -> Result<Verdict, Stop> {
    let genuine = genuine(cx).await?;
    try_doors(cx, &genuine.doors, &bent::edited(&genuine.decoded)).await
}

async fn shapes(cx: &Cx) -> Result<Verdict, Stop> {
    let genuine = genuine(cx).await?;
    try_doors(cx, &genuine.doors, &bent::other_shapes(&genuine.token)).await
}
