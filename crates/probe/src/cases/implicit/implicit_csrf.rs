use super::WITH_TOKEN;
use crate::cases::oidc::login::request;
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

/// A state with every sign that servers tend to spoil.
const STATE: &str = "probe +/=&%20#\"<>~é";

pub(super) async fn state_echo(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("implicit")?;
    let mut compared = Vec::new();
    for kind in WITH_TOKEN.iter().copied().chain(["id_token"]) {
        let good = request(cx, &client)?.set("response_type", kind).set("state", STATE);
        let landing = cx.walk(&mut cx.person(), &good, Intent::Allow).await?;
        if landing.outcome() != "token" {
            continue;
        }
        let bad = good.clone().set("prompt", "none").set("max_age", "0");
        let refused = cx.walk(&mut cx.stranger(), &bad, Intent::Anonymous).await?;
        for (what, landing) in [("an answer", &landing), ("an error", &refused)] {
            let away = landing.param("error").is_some() || landing.outcome() == "token";
            if away && landing.param("state") != Some(STATE) {
                return Ok(Verdict::vulnerable(format!(
                    "{what} to response_type={kind} did not bring the state back as it was sent"
                )));
            }
        }
        compared.push(kind);
    }
    match compared.is_empty() {
        true => Err(Stop::NotApplicable("no response type brought a token through the browser".into())),
        false => {
            Ok(Verdict::resisted(format!("state came back unchanged with response types {}", compared.join(", "))))
        }
    }
}

pub(super) async fn nothing_to_compare(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("implicit")?;
    let mut refused = Vec::new();
    for kind in WITH_TOKEN {
        let honest = request(cx, &client)?.set("response_type", kind);
        if cx.walk(&mut cx.person(), &honest, Intent::Allow).await?.param("access_token").is_none() {
            continue;
        }
        let bare =
            request(cx, &client)?.set("response_type", kind).unset("state").unset("nonce").unset("code_challenge");
        let bare = bare.unset("code_challenge_method");
        let landing = cx.walk(&mut cx.person(), &bare, Intent::Allow).await?;
        if landing.param("access_token").is_some() {
            let why = format!(
                "response_type={kind} was answered with an access token though the client has nothing to compare"
            );
            return Ok(Verdict::vulnerable(why));
        }
        refused.push(kind);
    }
    match refused.is_empty() {
        true => Err(Stop::NotApplicable("no response type brought an access token through the browser".into())),
        false => {
            Ok(Verdict::resisted(format!("requests without state and nonce were refused for {}", refused.join(", "))))
        }
    }
}
