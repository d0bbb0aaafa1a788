use crate::cx::Cx;
use crate::flow::token::BackRequest;
use crate::verdict::{Stop, Verdict};

/// A request for a prompt on the person's own device (CIBA Core section 7.1).
fn prompt(cx: &Cx) -> Result<BackRequest, Stop> {
    let client = cx.client("ciba")?;
    let mut request = cx.token(&client, "");
    request.endpoint = "backchannel_authentication_endpoint";
    request.params.unset("grant_type");
    let scope = client.scope.clone().unwrap_or_else(|| "openid".into());
    Ok(request.set("scope", scope).set("login_hint", &cx.user()?.username))
}

pub(super) async fn ten_prompts(cx: &Cx) -> Result<Verdict, Stop> {
    prompt(cx)?.send(cx).await?.expect("auth_req_id")?;
    for number in 2..=10 {
        let answer = prompt(cx)?.send(cx).await?;
        if answer.member("auth_req_id").is_none() {
            return Ok(Verdict::resisted(format!("prompt {number} was answered with status {}", answer.answer.status)));
        }
    }
    Ok(Verdict::vulnerable("ten prompts for one person in a row were all accepted"))
}
