//! More than was granted.

use crate::case;
use crate::case::Case;
use crate::cases::asked::asked_for;
use crate::cx::Cx;
use crate::person::Intent;
use crate::verdict::{Stop, Verdict};

use super::{fresh, refreshed};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("refresh-scope-escalation", "scope-beyond-the-grant", "A scope that the client may have and the person was not asked for",
            needs: ["user", "web", "resource"], features: ["openid"], phase: Normal, sections: ["RFC 6749 section 6"], run: beyond),
        case!("refresh-scope-escalation", "invented-scope", "A scope called admin",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 6"], run: invented),
        case!("refresh-scope-escalation", "with-a-code", "A code of another grant in the refresh request",
            needs: ["user", "web", "resource"], features: ["openid"], phase: Normal,
            sections: ["RFC 6749 section 3.2", "RFC 6749 section 6"], run: with_code),
    ]
}

/// A grant of `openid` alone, and the API's scope, which the client may ask people for.
async fn small_grant(cx: &Cx) -> Result<(crate::cx::Role, String, String), Stop> {
    let client = cx.client("web")?;
    let scope = cx.resource()?.scope.clone();
    let scope = scope.ok_or_else(|| Stop::inconclusive("the target file names no `resource.scope`"))?;
    let request = cx.request(&client)?.set("scope", "openid").unset("resource");
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    if tokens.member("scope").is_some_and(|granted| granted.split(' ').any(|word| word == scope)) {
        return Err(Stop::inconclusive(format!("a request for openid alone was granted {scope}, too")));
    }
    let token = refreshed(cx, &client, tokens.expect("refresh_token")?).await?;
    Ok((client, token, scope))
}

async fn beyond(cx: &Cx) -> Result<Verdict, Stop> {
    let (client, token, scope) = small_grant(cx).await?;
    let answer = cx.refresh(&client, &token).set("scope", format!("openid {scope}")).send(cx).await?;
    asked_for(&answer, &scope, "at refresh a scope was added that nobody had granted")
}

async fn invented(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let token = refreshed(cx, &client, &fresh(cx, &client).await?).await?;
    let scope = format!("{} admin", client.scope.as_deref().unwrap_or_default());
    let answer = cx.refresh(&client, &token).set("scope", scope.trim()).send(cx).await?;
    asked_for(&answer, "admin", "at refresh a scope was added that nobody had granted")
}

/// The larger grant's code rides along with the smaller grant's refresh token. An unknown parameter may be ignored
/// (RFC 6749 section 3.2), but the tokens must be those of the refresh token's grant.
async fn with_code(cx: &Cx) -> Result<Verdict, Stop> {
    let (client, token, scope) = small_grant(cx).await?;
    let request = cx.request(&client)?;
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let mut refresh = cx.refresh(&client, &token).set("code", landing.code()?).set("code_verifier", &request.verifier);
    refresh = refresh.set("redirect_uri", client.redirect_uri()?);
    let answer = refresh.send(cx).await?;
    let grew = answer.member("scope").is_some_and(|granted| granted.split(' ').any(|word| word == scope));
    match answer.outcome().as_str() {
        "tokens" if grew => {
            Ok(Verdict::vulnerable("a code in the refresh request brought the rights of the code's grant"))
        }
        "tokens" => Ok(Verdict::resisted("the code in the refresh request was ignored")),
        outcome if answer.is_refused() => {
            Ok(Verdict::resisted(format!("a refresh request with a code was refused ({outcome})")))
        }
        other => Err(Stop::inconclusive(format!("the refresh came to {other}"))),
    }
}
