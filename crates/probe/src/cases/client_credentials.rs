//! Group `client-credentials`: what data cannot say.

use crate::case;
use crate::case::Case;
use crate::cases::{asked::asked_for, register};
use crate::cx::{Cx, Role};
use crate::flow::call::{Place, outcome};
use crate::flow::token::BackAnswer;
use crate::forge::decode;
use crate::person::Intent;
use crate::verdict::{Outcome, Stop, Verdict};

/// All of them.
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("client-credentials-abuse", "sign-in-scope", "The scope openid, behind which no person stands",
            needs: ["machine"], features: [], phase: Normal, sections: ["OpenID Connect Core section 3.1.2.1"], run: openid),
        case!("client-credentials-abuse", "offline-access", "The scope offline_access",
            needs: ["machine"], features: [], phase: Normal, sections: ["OpenID Connect Core section 11"], run: offline),
        case!("client-credentials-abuse", "scope-outside-its-list", "A scope outside the client's list",
            needs: ["machine"], features: [], phase: Normal, sections: ["RFC 6749 section 3.3"], run: admin),
        case!("client-impersonating-resource-owner", "subjects", "Whether subjects of clients and of people can meet",
            needs: ["user", "web", "machine"], features: ["openid"], phase: Normal,
            sections: ["RFC 9068 section 5", "RFC 9700 section 4.15"], run: subjects),
        case!("client-impersonating-resource-owner", "chosen-client-id", "A client_id wished for at registration",
            needs: ["user", "web"], features: ["registration", "openid"], phase: Normal,
            sections: ["RFC 7591 section 3.2.1", "RFC 9700 section 4.15"], run: wished),
    ]
}

/// Asks for the scope beside the client's own, and alone.
async fn asked(cx: &Cx, scope: &str) -> Result<Vec<(Role, BackAnswer)>, Stop> {
    let client = cx.client("machine")?;
    cx.client_credentials(&client).send(cx).await?.expect("access_token")?;
    let both = format!("{} {scope}", client.scope.as_deref().unwrap_or_default());
    let mut answers = Vec::new();
    for scope in [both.trim(), scope] {
        let answer = cx.client_credentials(&client).set("scope", scope).send(cx).await?;
        if answer.outcome() == "trouble" {
            return Err(Stop::inconclusive(format!("asked for {scope}, the server was in trouble")));
        }
        answers.push((client.clone(), answer));
    }
    Ok(answers)
}

/// The word alone is worth nothing: what counts is an ID token, or that userinfo opens.
async fn openid(cx: &Cx) -> Result<Verdict, Stop> {
    for (_, answer) in asked(cx, "openid").await? {
        if answer.member("id_token").is_some() {
            return Ok(Verdict::vulnerable("a client got an ID token, and nobody signed in"));
        }
        if let (Some(token), Some(userinfo)) = (answer.member("access_token"), cx.find_endpoint("userinfo_endpoint"))
            && outcome(&cx.call(&userinfo, "GET", token, Place::Header).await?) == "accepted"
        {
            return Ok(Verdict::vulnerable("a client got a token that opens userinfo, and nobody signed in"));
        }
    }
    Ok(Verdict::resisted("the scope openid brought a client nothing"))
}

/// What counts is a refresh token.
async fn offline(cx: &Cx) -> Result<Verdict, Stop> {
    let lives_on =
        asked(cx, "offline_access").await?.iter().any(|(_, answer)| answer.member("refresh_token").is_some());
    Ok(match lives_on {
        true => Verdict::vulnerable("a client got a refresh token, which outlives its secret"),
        false => Verdict::resisted("the scope offline_access brought a client no refresh token"),
    })
}

async fn admin(cx: &Cx) -> Result<Verdict, Stop> {
    let mut verdict = Err(Stop::inconclusive("nothing was asked for"));
    for (client, answer) in asked(cx, "admin").await? {
        verdict = asked_for(cx, &client, &answer, "admin", "a client got a scope that it was never given").await;
        if !matches!(&verdict, Ok(found) if found.outcome == Outcome::Resisted) {
            break;
        }
    }
    verdict
}

/// The subject of the signed-in person, from the ID token.
async fn person_subject(cx: &Cx) -> Result<String, Stop> {
    let request = cx.request(&cx.client("web")?)?.set("scope", "openid").unset("resource");
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    let token =
        decode(tokens.expect("id_token")?).ok_or_else(|| Stop::inconclusive("the ID token is not a signed JWT"))?;
    let subject = token.claims["sub"].as_str();
    subject.map(str::to_owned).ok_or_else(|| Stop::inconclusive("the ID token has no sub"))
}

async fn subjects(cx: &Cx) -> Result<Verdict, Stop> {
    let person = person_subject(cx).await?;
    let client = cx.client("machine")?;
    let tokens = cx.client_credentials(&client).send(cx).await?;
    let Some(token) = decode(tokens.expect("access_token")?) else {
        return Err(Stop::NotApplicable(
            "a client's own access token cannot be read, so no API takes a subject from it".into(),
        ));
    };
    let Some(subject) = token.claims["sub"].as_str() else {
        return Ok(Verdict::resisted("a client's own token has no subject at all"));
    };
    let numbers = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(if subject == person {
        Verdict::vulnerable("a client's own token has the subject of a person")
    } else if numbers(subject) && numbers(&person) {
        Verdict::vulnerable(
            "subjects of clients and of people are both plain numbers, so that they meet sooner or later",
        )
    } else {
        Verdict::resisted("the subject of a client's own token is not a person's")
    })
}

async fn wished(cx: &Cx) -> Result<Verdict, Stop> {
    let person = person_subject(cx).await?;
    let wish = serde_json::json!({
        "client_id": person,
        "redirect_uris": ["https://probe.example/callback"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    });
    Ok(match register::client(cx, &wish).await? {
        None => Verdict::resisted("a registration that wishes for a person's subject as client_id is refused"),
        Some(client) if client["client_id"] == person.as_str() => {
            Verdict::vulnerable("a client was registered under the subject of a person")
        }
        Some(_) => Verdict::resisted("the wish for a client_id is ignored"),
    })
}
