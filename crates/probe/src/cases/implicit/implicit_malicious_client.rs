use super::WITH_TOKEN;
use crate::cases::oidc::login::request;
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

/// A silent repetition is a hole where nothing but the client id says who asks. An exact https address is the one proof that
/// RFC 6819 section 5.2.4.1 lets stand for the client.
pub(super) async fn silent(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("implicit")?;
    let https = client.redirect_uri()?.starts_with("https:");
    let mut asked = Vec::new();
    for kind in WITH_TOKEN {
        let honest = request(cx, &client)?.set("response_type", kind);
        if cx.walk(&mut cx.person(), &honest, Intent::Allow).await?.param("access_token").is_none() {
            continue;
        }
        let again = request(cx, &client)?.set("response_type", kind).unset("prompt");
        let landing = cx.walk(&mut cx.person(), &again, Intent::Stop).await?;
        if landing.param("access_token").is_none() {
            asked.push(kind);
        } else if !https {
            let why =
                format!("response_type={kind} brought a token without a question, to an address that any app can take");
            return Ok(Verdict::vulnerable(why));
        } else {
            let why = "a repeated request brought a token without a question, but only to the exact https address of the client";
            return Ok(Verdict::resisted(why));
        }
    }
    match asked.is_empty() {
        true => Err(Stop::NotApplicable("no response type brought an access token through the browser".into())),
        false => Ok(Verdict::resisted(format!("consent was asked again for response types {}", asked.join(", ")))),
    }
}
