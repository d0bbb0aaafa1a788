use super::device::{approve, start, start_request};
use crate::cx::{Cx, Role, random};
use crate::flow::token::Auth;
use crate::verdict::{Stop, Verdict};

pub(super) async fn wrong_client(cx: &Cx) -> Result<Verdict, Stop> {
    let device = cx.client("device")?;
    start(cx, &device).await?;
    let unknown =
        Role { role: "nobody".into(), client: crate::target::Client { client_id: random(), ..device.client.clone() } };
    for (what, client) in [("an unknown client", unknown), ("a client that has no such grant", cx.client("web")?)] {
        let answer = start_request(cx, &client).send(cx).await?;
        if answer.member("device_code").is_some() {
            return Ok(Verdict::vulnerable(format!("the flow was started for {what}")));
        }
        if !answer.is_refused() {
            return Err(Stop::inconclusive(format!("the start for {what} came to {}", answer.outcome())));
        }
    }
    Ok(Verdict::resisted("starts for an unknown client and for one without the grant were refused"))
}

pub(super) async fn without_secret(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("device-confidential")?;
    start(cx, &client).await?;
    let wrong = Auth::Post(client.client_id.clone(), random());
    for (what, auth) in [("no secret", Auth::IdOnly), ("a wrong secret", wrong)] {
        let answer = start_request(cx, &client).auth(auth).send(cx).await?;
        if answer.member("device_code").is_some() {
            return Ok(Verdict::vulnerable(format!("the flow was started for a client with a secret, with {what}")));
        }
        if !answer.is_refused() {
            return Err(Stop::inconclusive(format!("the start with {what} came to {}", answer.outcome())));
        }
    }
    Ok(Verdict::resisted("starts without the secret and with a wrong one were refused"))
}

pub(super) async fn excess_scope(cx: &Cx) -> Result<Verdict, Stop> {
    const EXCESS: &str = "probe:everything";
    let mut client = cx.client("device")?;
    start(cx, &client).await?;
    let own = client.scope.clone().unwrap_or_default();
    client.client.scope = Some(format!("{own} {EXCESS}").trim().to_owned());
    let answer = start_request(cx, &client).send(cx).await?;
    if answer.is_refused() {
        return Ok(Verdict::resisted(format!("the start was refused with {}", answer.outcome())));
    }
    // A scope may also be dropped (RFC 6749 section 3.3): what counts is the token.
    let started = start(cx, &client).await?;
    approve(cx, &mut cx.fresh_person(), &started).await?;
    let tokens = started.poll_politely(cx).await?;
    tokens.expect("access_token")?;
    let granted = tokens.member("scope").map_or(true, |scope| scope.split(' ').any(|word| word == EXCESS));
    if granted {
        return Ok(Verdict::vulnerable("the token has a scope that no client was registered for"));
    }
    Ok(Verdict::resisted("the token lacks the scope that nobody has"))
}

pub(super) async fn many(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("device")?;
    start(cx, &client).await?;
    for number in 1..=200 {
        let answer = start_request(cx, &client).send(cx).await?;
        if answer.member("device_code").is_none() {
            return Ok(Verdict::resisted(format!(
                "after {number} starts the answer was status {}",
                answer.answer.status
            )));
        }
    }
    Ok(Verdict::vulnerable("two hundred starts in a row for one client from one address met no limit"))
}
