//! Genuine tokens in places that are not theirs.

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Reception, open_doors, reception, try_doors, usual_tokens};
use crate::cases::jose::Signer;
use crate::cx::Cx;
use crate::forge::bent::Bent;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("jwt-type-confusion", "at-the-resource", "An ID token, a refresh token and an assertion as access token",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["RFC 9068 section 5", "RFC 8725 section 3.12"], run: at_the_resource),
        case!("jwt-type-confusion", "as-assertion", "Tokens of the server as client assertion",
            needs: ["user", "web", "key"], features: ["openid"], phase: Normal,
            sections: ["RFC 8725 section 3.12", "RFC 7523 section 3"], run: as_assertion),
        case!("jwt-type-confusion", "as-refresh-token", "An access token and an ID token as refresh token",
            needs: ["user", "web"], features: ["openid", "refresh"], phase: Normal,
            sections: ["RFC 6749 section 6", "RFC 8725 section 3.12"], run: as_refresh_token),
    ]
}

async fn at_the_resource(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let doors = open_doors(cx, tokens.expect("access_token")?).await?;
    let mut others = vec![Bent::new("it is an ID token", tokens.expect("id_token")?)];
    if let Some(refresh) = tokens.member("refresh_token") {
        others.push(Bent::new("it is a refresh token", refresh));
    }
    if let Ok(signer) = Signer::new(cx).await {
        others.push(Bent::new("it is a client assertion", signer.good()?));
    }
    try_doors(cx, &doors, &others).await
}

async fn as_assertion(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let others = [
        Bent::new("it is an ID token", tokens.expect("id_token")?),
        Bent::new("it is an access token", tokens.expect("access_token")?),
    ];
    signer.try_all(cx, &others).await
}

async fn as_refresh_token(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let tokens = usual_tokens(cx, &web).await?;
    let refresh = tokens.expect("refresh_token")?;
    for (name, token) in
        [("an access token", tokens.expect("access_token")?), ("an ID token", tokens.expect("id_token")?)]
    {
        let answer = cx.refresh(&web, token).send(cx).await?;
        match reception(&answer.answer) {
            Reception::Accepted => return Ok(Verdict::vulnerable(format!("the server refreshed with {name}"))),
            Reception::Refused => {}
            Reception::Trouble => {
                return Err(Stop::inconclusive(format!(
                    "{name} as refresh token came to status {}",
                    answer.answer.status
                )));
            }
        }
    }
    let control = cx.refresh(&web, refresh).send(cx).await?;
    control.expect("access_token")?;
    Ok(Verdict::resisted("neither an access token nor an ID token was taken for a refresh token; a genuine one was"))
}
