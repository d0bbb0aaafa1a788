use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) async fn rotation(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let request = cx.request(&client)?;
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    tokens.expect("access_token")?;
    let Some(first) = tokens.member("refresh_token") else {
        return Ok(Verdict::resisted("a client without a secret gets no refresh token"));
    };
    let after = cx.refresh(&client, first).send(cx).await?;
    let bound = after.expect("token_type")?.eq_ignore_ascii_case("dpop");
    match after.member("refresh_token") {
        _ if bound => Ok(Verdict::resisted("the refresh token is bound to a key")),
        Some(second) if second != first => Ok(Verdict::resisted("the refresh token is another one after each use")),
        _ => Ok(Verdict::vulnerable(
            "a client without a secret keeps one refresh token, so a copy of it is never noticed",
        )),
    }
}
