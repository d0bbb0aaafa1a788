use super::WITH_TOKEN;
use crate::cases::oidc::login::{keys, misfit, request};
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::forge::verify;
use crate::verdict::{Stop, Verdict};

pub(super) async fn bound_to_id_token(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    cx.walk(&mut cx.person(), &cx.request(&web)?, Intent::Allow).await?.code()?;
    let mut bound = 0;
    for client in [Some(web), cx.client("implicit").ok()].into_iter().flatten() {
        for kind in WITH_TOKEN {
            let request = request(cx, &client)?.set("response_type", kind);
            let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
            if landing.outcome() == "trouble" {
                return Err(Stop::inconclusive(format!("response_type={kind} came to {}", landing.describe())));
            }
            let Some(token) = landing.param("access_token") else { continue };
            let Some(compact) = landing.param("id_token") else {
                let why =
                    format!("response_type={kind} brought an access token without an ID token that is bound to it");
                return Ok(Verdict::vulnerable(why));
            };
            let id_token = verify(compact, &keys(cx).await?)
                .map_err(|why| Stop::inconclusive(format!("the ID token of response_type={kind}: {why}")))?;
            if let Some(why) = misfit(&id_token, "at_hash", token) {
                return Ok(Verdict::vulnerable(format!("response_type={kind}: {why}")));
            }
            if id_token.claims["nonce"].as_str() != request.params.get("nonce") {
                return Ok(Verdict::vulnerable(format!(
                    "response_type={kind}: the ID token lacks the nonce of the request"
                )));
            }
            bound += 1;
        }
    }
    Ok(Verdict::resisted(match bound {
        0 => "no response type brought an access token through the browser".to_owned(),
        _ => format!("{bound} answers with an access token had an ID token with the right at_hash and nonce"),
    }))
}
