use super::WITH_TOKEN;
use crate::cases::oidc::login::request;
use crate::cx::Cx;
use crate::flow::landing::{Landing, Mode};
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) async fn query(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("implicit")?;
    let mut kept = Vec::new();
    for kind in WITH_TOKEN {
        let honest = request(cx, &client)?.set("response_type", kind);
        let landing = cx.walk(&mut cx.person(), &honest, Intent::Allow).await?;
        if landing.param("access_token").is_none() {
            continue;
        }
        if matches!(landing, Landing::Away { mode: Mode::Query, .. }) {
            return Ok(Verdict::vulnerable(format!("response_type={kind} brought the access token in the query")));
        }
        let asked = request(cx, &client)?.set("response_type", kind).set("response_mode", "query");
        let landing = cx.walk(&mut cx.person(), &asked, Intent::Allow).await?;
        if landing.param("access_token").is_some() && matches!(landing, Landing::Away { mode: Mode::Query, .. }) {
            return Ok(Verdict::vulnerable(format!(
                "response_type={kind} brought the access token in the query when asked to"
            )));
        }
        kept.push(kind);
    }
    match kept.is_empty() {
        true => Ok(Verdict::resisted("no response type brought an access token through the browser")),
        false => Ok(Verdict::resisted(format!(
            "access tokens of response types {} came in the fragment only",
            kept.join(", ")
        ))),
    }
}
