use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

/// Every sign that a server may spoil on the way.
const STATE: &str = "probe +/=&%20#\"<>~é";

pub(super) async fn state_echo(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    cx.walk(&mut cx.person(), &cx.request(&client)?, Intent::Allow).await?.code()?;
    let request = cx.request(&client)?.set("state", STATE);
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    match landing.param("state") {
        Some(STATE) => Ok(Verdict::resisted("the state came back as it was sent")),
        Some(_) => Ok(Verdict::vulnerable(
            "the state came back changed, so an app that compares it cannot work and one that does not is forged",
        )),
        None if landing.param("code").is_some() => Ok(Verdict::vulnerable("the code came back without the state")),
        None => Ok(Verdict::resisted(format!("a state with unusual signs came to {}", landing.describe()))),
    }
}
