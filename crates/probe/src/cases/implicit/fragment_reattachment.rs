use crate::cx::Cx;
use crate::flow::landing::{Landing, Mode};
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

/// Browsers carry a fragment on only where the new address has none of its own; an empty one behind `#` counts as one.
pub(super) async fn locations(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let success = cx.walk(&mut cx.person(), &cx.request(&client)?, Intent::Allow).await?;
    success.code()?;
    let denial = cx.walk(&mut cx.fresh_person(), &cx.request(&client)?.set("prompt", "consent"), Intent::Deny).await?;
    let error = cx.request(&client)?.set("response_type", "nothing");
    let error = cx.walk(&mut cx.person(), &error, Intent::Allow).await?;
    let mut seen = Vec::new();
    for (what, landing) in [("success", &success), ("denial", &denial), ("error", &error)] {
        let Landing::Away { registered: true, mode: Mode::Query, answer, .. } = landing else { continue };
        let Some(location) = answer.header("location") else { continue };
        if !location.contains('#') {
            return Ok(Verdict::vulnerable(format!(
                "the redirect of a {what} has no fragment, so a browser carries an older one on"
            )));
        }
        seen.push(what);
    }
    if seen.is_empty() {
        return Err(Stop::NotApplicable("no answer was a redirect with the answer in its query".into()));
    }
    Ok(Verdict::resisted(format!("the redirects of {} end in a fragment of their own", seen.join(", "))))
}

pub(super) async fn endpoint(cx: &Cx) -> Result<Verdict, Stop> {
    if cx.endpoint("authorization_endpoint")?.fragment().is_some() {
        return Ok(Verdict::vulnerable("the address of the authorization endpoint has a fragment"));
    }
    Ok(Verdict::resisted("the address of the authorization endpoint has no fragment"))
}
