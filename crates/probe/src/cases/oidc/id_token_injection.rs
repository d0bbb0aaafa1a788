use super::login::{keys, login, misfit, request};
use crate::cx::Cx;
use crate::flow::landing::{Landing, Mode};
use crate::flow::person::Intent;
use crate::forge::{decode, verify};
use crate::verdict::{Stop, Verdict};

/// Response types that bring an ID token through the browser.
const FRONT: [&str; 4] = ["id_token", "id_token token", "code id_token", "code id_token token"];

pub(super) async fn code_flow(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    for _ in 0..2 {
        let login = login(cx, &mut cx.person(), &client).await?;
        let sent = login.request.params.get("nonce").unwrap_or_default();
        match login.id_token.claims["nonce"].as_str() {
            Some(found) if found == sent => {}
            Some(_) => return Ok(Verdict::vulnerable("the nonce of the ID token is not the one of the request")),
            None => return Ok(Verdict::vulnerable("the ID token has no nonce, though the request had one")),
        }
        // Optional in the code flow (OpenID Connect Core section 3.1.3.6): only a wrong one is a hole.
        if !login.id_token.claims["at_hash"].is_null()
            && let Some(why) = misfit(&login.id_token, "at_hash", login.tokens.expect("access_token")?)
        {
            return Ok(Verdict::vulnerable(why));
        }
    }
    Ok(Verdict::resisted("each ID token had the nonce of its own request, and no at_hash that does not fit"))
}

pub(super) async fn front_channel_hashes(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("implicit")?;
    let jwks = keys(cx).await?;
    let mut seen = Vec::new();
    for kind in FRONT {
        let request = request(cx, &client)?.set("response_type", kind);
        let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
        let Some(compact) = landing.param("id_token") else { continue };
        if matches!(landing, Landing::Away { mode: Mode::Query, .. }) {
            return Ok(Verdict::vulnerable(format!("response_type={kind} brought the ID token in the query")));
        }
        let unread = |why: String| Stop::inconclusive(format!("the ID token of response_type={kind}: {why}"));
        verify(compact, &jwks).map_err(|why| unread(why.to_string()))?;
        let id_token = decode(compact).ok_or_else(|| unread("it is no JWT".into()))?;
        if id_token.claims["nonce"].as_str() != request.params.get("nonce") {
            return Ok(Verdict::vulnerable(format!(
                "response_type={kind} brought an ID token without the nonce of the request"
            )));
        }
        for (claim, parameter) in [("at_hash", "access_token"), ("c_hash", "code")] {
            if let Some(value) = landing.param(parameter)
                && let Some(why) = misfit(&id_token, claim, value)
            {
                return Ok(Verdict::vulnerable(format!("with response_type={kind}, {why}")));
            }
        }
        seen.push(kind);
    }
    if seen.is_empty() {
        return Err(Stop::NotApplicable("no response type brought an ID token through the browser".into()));
    }
    Ok(Verdict::resisted(format!("nonce, at_hash and c_hash fitted with response types {}", seen.join(", "))))
}

pub(super) async fn without_nonce(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("implicit")?;
    let mut refused = Vec::new();
    for kind in FRONT {
        let honest = request(cx, &client)?.set("response_type", kind);
        if cx.walk(&mut cx.person(), &honest, Intent::Allow).await?.param("id_token").is_none() {
            continue;
        }
        let bare = request(cx, &client)?.set("response_type", kind).unset("nonce");
        let landing = cx.walk(&mut cx.person(), &bare, Intent::Allow).await?;
        if landing.param("id_token").is_some() {
            return Ok(Verdict::vulnerable(format!(
                "response_type={kind} brought an ID token through the browser without a nonce"
            )));
        }
        refused.push(kind);
    }
    if refused.is_empty() {
        return Err(Stop::NotApplicable("no response type brought an ID token through the browser".into()));
    }
    Ok(Verdict::resisted(format!("requests without a nonce were refused for response types {}", refused.join(", "))))
}
