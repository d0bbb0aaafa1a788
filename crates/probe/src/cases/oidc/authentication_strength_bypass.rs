use std::time::Duration;

use super::login::{login, request, with};
use crate::cx::Cx;
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::landing::{Landing, Stopped};
use crate::flow::person::{Intent, Person};
use crate::forge::decode;
use crate::http::Request;
use crate::verdict::{Stop, Verdict};

/// Seconds that pass before the session counts as too old for `max_age=1`.
const PAUSE: u64 = 4;

/// Whether a browser with a session, before which nobody sits who knows the password, gets a code for this request.
async fn passes_without_password(cx: &Cx, person: &Person, request: &AuthorizationRequest) -> Result<bool, Stop> {
    let mut thief = person.clone();
    thief.user = None;
    Ok(cx.walk(&mut thief, request, Intent::Allow).await?.param("code").is_some())
}

pub(super) async fn prompt_login(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let mut person = cx.fresh_person();
    login(cx, &mut person, &client).await?;
    if !passes_without_password(cx, &person, &request(cx, &client)?).await? {
        return Err(Stop::inconclusive(
            "without prompt=login a session got no code either, so it makes no difference that can be seen",
        ));
    }
    let asked = request(cx, &client)?.set("prompt", "login");
    if passes_without_password(cx, &person, &asked).await? {
        return Ok(Verdict::vulnerable("with prompt=login a session was enough: nobody was asked for a password"));
    }
    cx.walk(&mut person, &asked, Intent::Allow).await?.code()?;
    Ok(Verdict::resisted("with prompt=login the password was asked for, and with it the code came"))
}

pub(super) async fn max_age(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let mut person = cx.fresh_person();
    let before = with(cx, &mut person, request(cx, &client)?.set("max_age", "3600")).await?;
    let Some(signed_in) = before.id_token.claims["auth_time"].as_i64() else {
        return Ok(Verdict::vulnerable(
            "max_age was asked for, and the ID token does not say when the person signed in",
        ));
    };
    tokio::time::sleep(Duration::from_secs(PAUSE)).await;
    let asked = request(cx, &client)?.set("max_age", "1").unset("prompt");
    if passes_without_password(cx, &person, &asked).await? {
        return Ok(Verdict::vulnerable(format!("with max_age=1 a session of {PAUSE} s was good enough")));
    }
    let fresh = with(cx, &mut person, request(cx, &client)?.set("max_age", "1").unset("prompt")).await?;
    match fresh.id_token.claims["auth_time"].as_i64() {
        Some(again) if again > signed_in => {
            Ok(Verdict::resisted("the person had to sign in again, and auth_time is new"))
        }
        Some(_) => Ok(Verdict::vulnerable("auth_time of the ID token is that of the old sign-in")),
        None => {
            Ok(Verdict::vulnerable("max_age was asked for, and the ID token does not say when the person signed in"))
        }
    }
}

pub(super) async fn unknown_acr(cx: &Cx) -> Result<Verdict, Stop> {
    const IMPOSSIBLE: &str = "urn:example:impossible";
    let client = cx.client("web")?;
    login(cx, &mut cx.person(), &client).await?;
    let essential = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{IMPOSSIBLE}"]}}}}}}"#);
    let supported = cx.metadata("claims_parameter_supported").as_bool() == Some(true);
    for (name, value) in [("acr_values", IMPOSSIBLE), ("claims", &essential)] {
        let request = request(cx, &client)?.set(name, value);
        let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
        let Some(code) = landing.param("code") else { continue };
        let tokens = cx.redeem(&request, code).send(cx).await?;
        let acr = tokens.member("id_token").and_then(decode).map(|jwt| jwt.claims["acr"].clone()).unwrap_or_default();
        if acr == IMPOSSIBLE {
            return Ok(Verdict::vulnerable(format!(
                "the ID token says that the sign-in was as {name} wanted it, which it cannot have been"
            )));
        }
        if name == "claims" && supported {
            return Ok(Verdict::vulnerable("an essential acr that the server cannot meet was answered with a code"));
        }
    }
    Ok(Verdict::resisted("the server claimed no acr that it cannot meet"))
}

pub(super) async fn foreign_hint(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let theirs = login(cx, &mut cx.second_person()?, &client).await?;
    let mut person = cx.person();
    let own = login(cx, &mut person, &client).await?;
    // Where nothing is given without a page, the same is seen with pages, as long as nobody gives the password again.
    for prompt in ["none", "consent"] {
        let hinted = |hint: &str| Ok::<_, Stop>(request(cx, &client)?.set("prompt", prompt).set("id_token_hint", hint));
        if !passes_without_password(cx, &person, &hinted(&own.compact)?).await? {
            continue;
        }
        if passes_without_password(cx, &person, &hinted(&theirs.compact)?).await? {
            return Ok(Verdict::vulnerable(
                "a hint at another person was answered with a code for the one who is signed in",
            ));
        }
        return Ok(Verdict::resisted(format!(
            "with prompt={prompt} the person's own hint brought a code, another's did not"
        )));
    }
    Err(Stop::inconclusive(
        "the person's own hint brought no code without a password, so another's makes no difference that can be seen",
    ))
}

pub(super) async fn consent_first(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let request = request(cx, &client)?.set("prompt", "consent");
    let landing = cx.walk(&mut cx.fresh_person(), &request, Intent::Stop).await?;
    let Landing::Page { stopped: Stopped::Consent, url, .. } = &landing else {
        return Err(Stop::inconclusive(format!("the way to the consent page came to {}", landing.describe())));
    };
    let callbacks: Vec<_> = request.registered().into_iter().collect();
    let jump = Request::get("the consent page, opened by somebody who did not sign in", url.clone());
    let landing = cx.walk_from(&mut cx.stranger(), jump, &callbacks, Intent::Anonymous).await?;
    match &landing {
        Landing::Page { stopped: Stopped::Consent, .. } => {
            Ok(Verdict::vulnerable("the consent page opened in a browser in which nobody had signed in"))
        }
        Landing::Away { .. } if landing.param("code").is_some() => {
            Ok(Verdict::vulnerable("a code came in a browser in which nobody had signed in"))
        }
        _ => Ok(Verdict::resisted(format!("the consent page without a sign-in came to {}", landing.describe()))),
    }
}
