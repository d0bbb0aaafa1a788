use serde_json::Value;

use super::login::{Login, keys, login};
use crate::cx::{Cx, Role};
use crate::flow::call::Place;
use crate::forge::verify;
use crate::verdict::{Stop, Verdict};

/// What is wrong with an ID token of this client, if anything.
fn misfit(cx: &Cx, client: &Role, login: &Login, jwks: &Value) -> Option<String> {
    let claims = &login.id_token.claims;
    let mac = login.id_token.header["alg"].as_str().is_some_and(|alg| alg.starts_with("HS"));
    if !mac && let Err(why) = verify(&login.compact, jwks) {
        return Some(format!("the ID token does not verify with the published keys: {why}"));
    }
    if claims["iss"].as_str() != Some(&cx.target().issuer) {
        return Some("iss of the ID token is not the issuer, byte for byte".into());
    }
    let audiences: Vec<&str> = match &claims["aud"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&client.client_id.as_str()) {
        return Some(format!("aud of the ID token does not name the client {}", client.role));
    }
    let party = claims["azp"].as_str();
    if audiences.len() > 1 && party.is_none() {
        return Some("the ID token has several audiences and no azp".into());
    }
    if party.is_some_and(|party| party != client.client_id) {
        return Some("azp of the ID token is another client".into());
    }
    if let Some(missing) = ["exp", "iat"].iter().find(|name| !claims[**name].is_number()) {
        return Some(format!("the ID token has no {missing}"));
    }
    match claims["sub"].as_str() {
        Some(sub) if !sub.is_empty() && sub.len() <= 255 && sub.is_ascii() => None,
        _ => Some("sub of the ID token is not a text of 1 to 255 ASCII characters".into()),
    }
}

pub(super) async fn claims(cx: &Cx) -> Result<Verdict, Stop> {
    let jwks = keys(cx).await?;
    let clients = [cx.client("web")?, cx.client("other")?];
    for (client, stranger) in [(&clients[0], &clients[1]), (&clients[1], &clients[0])] {
        let login = login(cx, &mut cx.person(), client).await?;
        if let Some(why) = misfit(cx, client, &login, &jwks) {
            return Ok(Verdict::vulnerable(why));
        }
        let aud = &login.id_token.claims["aud"];
        if aud.as_array().is_some_and(|all| all.iter().any(|one| one == stranger.client_id.as_str())) {
            return Ok(Verdict::vulnerable(format!(
                "the ID token of {} is also meant for {}",
                client.role, stranger.role
            )));
        }
    }
    Ok(Verdict::resisted("each ID token named the issuer and its own client, and verified with a published key"))
}

pub(super) async fn userinfo_subject(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let login = login(cx, &mut cx.person(), &client).await?;
    let url = cx.endpoint("userinfo_endpoint")?;
    let answer = cx.call(&url, "GET", login.tokens.expect("access_token")?, Place::Header).await?;
    let told = match answer.json()["sub"].as_str() {
        Some(sub) => sub.to_owned(),
        None => {
            let signed = crate::forge::decode(answer.text().trim());
            let sub = signed.and_then(|jwt| jwt.claims["sub"].as_str().map(str::to_owned));
            sub.ok_or_else(|| {
                Stop::inconclusive(format!("userinfo answered with status {} and no sub", answer.status))
            })?
        }
    };
    if login.id_token.claims["sub"].as_str() == Some(&told) {
        Ok(Verdict::resisted("userinfo and the ID token name the same sub"))
    } else {
        Ok(Verdict::vulnerable("userinfo names another sub than the ID token"))
    }
}

pub(super) async fn two_people(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let first = login(cx, &mut cx.person(), &client).await?;
    let again = login(cx, &mut cx.person(), &client).await?;
    let second = login(cx, &mut cx.second_person()?, &client).await?;
    let sub = |login: &Login| login.id_token.claims["sub"].clone();
    if sub(&first) != sub(&again) {
        return Ok(Verdict::vulnerable("one person has two subs at one client"));
    }
    if sub(&first) == sub(&second) {
        return Ok(Verdict::vulnerable("two people have one sub at one client"));
    }
    Ok(Verdict::resisted("one person kept one sub, and another person had another"))
}
