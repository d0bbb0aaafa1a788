//! Parameters where they do not belong: in the query of a POST, and in JSON.

use serde_json::{Map, Value};

use crate::case;
use crate::case::Case;
use crate::cases::honest::machine_token;
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::flow::token::{Auth, BackAnswer, BackRequest};
use crate::params::Params;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("token-endpoint-get", "code-in-query", "Code and verifier in the query of a POST",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 3.2"], run: code),
        case!("token-endpoint-get", "secret-in-query", "Client id and secret in the query of a POST",
            needs: ["machine"], features: ["client-credentials"], phase: Normal,
            sections: ["RFC 6749 section 2.3.1"], run: secret),
        case!("token-endpoint-get", "json-body", "The parameters as JSON",
            needs: ["machine"], features: ["client-credentials"], phase: Normal,
            sections: ["RFC 6749 section 3.2"], run: json),
    ]
}

/// Sends a token request with some of its parameters moved from the body to the query.
async fn with_query(cx: &Cx, request: BackRequest, moved: &[&str]) -> Result<BackAnswer, Stop> {
    let mut sent = request.build(cx)?;
    let all = Params::parse(&String::from_utf8_lossy(&sent.body));
    let (query, body): (Vec<_>, Vec<_>) = all.0.into_iter().partition(|(name, _)| moved.contains(&name.as_str()));
    sent.url.set_query(Some(&Params(query).encode()));
    sent.body = Params(body).encode().into_bytes();
    let answer = cx.send(&sent).await?;
    let json = answer.json();
    Ok(BackAnswer { answer, json })
}

fn verdict(answer: &BackAnswer, finding: &str) -> Result<Verdict, Stop> {
    match answer.outcome().as_str() {
        "tokens" => Ok(Verdict::vulnerable(finding)),
        "trouble" => Err(Stop::inconclusive(format!("the attack came to status {}", answer.answer.status))),
        outcome => Ok(Verdict::resisted(format!("it came to {outcome} (status {})", answer.answer.status))),
    }
}

async fn code(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let mut person = cx.person();
    let request = cx.request(&web)?;
    let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
    cx.redeem(&request, landing.code()?).send(cx).await?.expect("access_token")?;
    let request = cx.request(&web)?;
    let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
    let answer = with_query(cx, cx.redeem(&request, landing.code()?), &["code", "code_verifier"]).await?;
    verdict(&answer, "the token endpoint redeemed a code that stood in its query")
}

async fn secret(cx: &Cx) -> Result<Verdict, Stop> {
    machine_token(cx).await?;
    let machine = cx.client("machine")?;
    let secret =
        machine.client_secret.clone().ok_or_else(|| Stop::inconclusive("the client `machine` has no secret"))?;
    let request = cx.client_credentials(&machine).auth(Auth::Post(machine.client_id.clone(), secret));
    let answer = with_query(cx, request, &["client_id", "client_secret"]).await?;
    verdict(&answer, "the token endpoint took a client secret from its query")
}

async fn json(cx: &Cx) -> Result<Verdict, Stop> {
    machine_token(cx).await?;
    let mut sent = cx.client_credentials(&cx.client("machine")?).build(cx)?;
    let members: Map<String, Value> = Params::parse(&String::from_utf8_lossy(&sent.body))
        .0
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    sent.body = Value::Object(members).to_string().into_bytes();
    sent.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    let answer = cx.send(&sent.header("Content-Type", "application/json")).await?;
    let json = answer.json();
    verdict(&BackAnswer { answer, json }, "the token endpoint took JSON where the specification has a form")
}
