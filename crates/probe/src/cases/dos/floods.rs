//! Things made in a loop: waiting requests, live tokens, wrong codes, clients.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::case;
use crate::case::Case;
use crate::cases::honest::usual_tokens;
use crate::cx::{Cx, random};
use crate::flow::person::Intent;
use crate::forge::decode;
use crate::http::Request;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("dos-token-exhaustion", "waiting-requests", "Authorization requests that nobody finishes",
            needs: ["user", "web"], features: [], phase: Noisy, sections: ["RFC 6819 section 4.4.1.11"], run: waiting),
        case!("dos-token-exhaustion", "live-tokens", "Tokens of a machine that nobody uses",
            needs: ["machine", "api"], features: ["client-credentials", "introspection"], phase: Noisy,
            sections: ["RFC 6819 section 5.1.6"], run: live_tokens),
        case!("dos-manufactured-codes", "invented-codes", "Five hundred invented codes from one client",
            needs: ["user", "web", "other"], features: [], phase: Noisy,
            sections: ["RFC 6819 section 4.4.1.12"], run: invented_codes),
        case!("dos-client-secret-creation", "registrations", "A hundred clients in a row",
            needs: [], features: ["registration"], phase: Noisy, sections: ["RFC 7591 section 5"], run: registrations),
    ]
}

/// How many requests of a flood fit in a third of the case's time at the run's pace; never more than the ledger's two
/// thousand, for politeness' sake.
fn bound(cx: &Cx, most: usize) -> usize {
    let limits = &cx.target().limits;
    let per_second =
        if limits.per_second == 0 { if cx.has_other_sources() { 400 } else { 20 } } else { limits.per_second };
    let fits = u64::from(per_second).saturating_mul(limits.case_seconds) / 3;
    most.min(usize::try_from(fits).unwrap_or(most)).max(20)
}

async fn waiting(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let usual = honest_time(cx).await?;
    let attacker = cx.elsewhere();
    let first_request = cx.request(&web)?.first(cx)?;
    let mut first_browser = cx.stranger();
    let first = attacker.browse(&mut first_browser, first_request).await?;
    let most = bound(cx, 2000);
    let mut refused = None;
    for number in 1..most {
        let answer = attacker.send(&cx.request(&web)?.first(cx)?).await?;
        let error = answer.header("location").is_some_and(|to| to.contains("error="));
        if answer.status == 429 || answer.status >= 400 || error {
            refused = Some((number, answer.status));
            break;
        }
    }
    let after = honest_time(cx).await.map_err(|stop| stop.to_string());
    let Ok(after) = after else {
        return Ok(Verdict::vulnerable("after a flood of unfinished requests an honest one from elsewhere failed"));
    };
    if after > Duration::from_secs(2) && after > usual * 10 {
        return Ok(Verdict::vulnerable(format!(
            "during the flood an honest run took {} ms instead of {}",
            after.as_millis(),
            usual.as_millis()
        )));
    }
    if let Some((number, status)) = refused {
        return Ok(Verdict::resisted(format!(
            "after {number} unfinished requests of one address came status {status}, and an honest run took {} ms",
            after.as_millis()
        )));
    }
    // No refusal: then the oldest of the same owner must have gone.
    let page = first.header("location").and_then(|to| cx.endpoint("authorization_endpoint").ok()?.join(to).ok());
    let Some(page) = page else {
        return Err(Stop::inconclusive(format!(
            "{most} unfinished requests were taken; whether they are kept cannot be seen"
        )));
    };
    let again = attacker.browse(&mut first_browser, Request::get("the first of the flood", page)).await?;
    Ok(if again.status == 200 {
        Verdict::vulnerable(format!("one address has {most} requests waiting at once, and the first is still alive"))
    } else {
        Verdict::resisted(format!("of {most} unfinished requests the first was dropped (status {})", again.status))
    })
}

async fn honest_time(cx: &Cx) -> Result<Duration, Stop> {
    let web = cx.client("web")?;
    let began = Instant::now();
    let request = cx.request(&web)?;
    cx.walk(&mut cx.person(), &request, Intent::Allow).await?.code()?;
    Ok(began.elapsed())
}

async fn live_tokens(cx: &Cx) -> Result<Verdict, Stop> {
    let (machine, api) = (cx.client("machine")?, cx.client("api")?);
    let first = cx.client_credentials(&machine).send(cx).await?.expect("access_token")?.to_owned();
    if decode(&first).is_some() {
        return Err(Stop::NotApplicable(
            "the machine's tokens hold their own content: the server keeps nothing for each".into(),
        ));
    }
    let attacker = cx.elsewhere();
    let most = bound(cx, 1000);
    for number in 1..most {
        let answer = cx.client_credentials(&machine).send_once(&attacker).await?;
        if !answer.has_tokens() {
            return Ok(Verdict::resisted(format!(
                "after {number} tokens the server answered {} (status {})",
                answer.outcome(),
                answer.answer.status
            )));
        }
    }
    match cx.introspect(&api, &first).send(cx).await?.outcome().as_str() {
        "active" => {
            Ok(Verdict::vulnerable(format!("one client has {most} live tokens at once, and nothing stopped it")))
        }
        "inactive" => Ok(Verdict::resisted(format!("of {most} tokens the first was dropped"))),
        other => Err(Stop::inconclusive(format!("introspection of the first token came to {other}"))),
    }
}

async fn invented_codes(cx: &Cx) -> Result<Verdict, Stop> {
    let (web, other) = (cx.client("web")?, cx.client("other")?);
    usual_tokens(cx, &other).await?;
    let attacker = cx.elsewhere();
    let most = bound(cx, 500);
    let mut stopped = None;
    for number in 1..=most {
        let mut redeem = cx.token(&web, "authorization_code").set("code", random()).set("code_verifier", random());
        if let Some(uri) = &web.redirect_uri {
            redeem = redeem.set("redirect_uri", uri);
        }
        let answer = redeem.send_once(&attacker).await?;
        if answer.has_tokens() {
            return Ok(Verdict::vulnerable("an invented code was redeemed"));
        }
        if answer.answer.status == 429 {
            stopped = Some(number);
            break;
        }
    }
    if let Err(stop) = usual_tokens(cx, &other).await {
        return Ok(Verdict::vulnerable(format!(
            "after a flood in the name of one client another could not redeem its code: {stop}"
        )));
    }
    Ok(match stopped {
        Some(number) => Verdict::resisted(format!(
            "the invented code number {number} was met with 429, and another client redeemed its own"
        )),
        None => Verdict::vulnerable(format!(
            "{most} invented codes of one client were looked up, and nothing slowed it down"
        )),
    })
}

async fn registrations(cx: &Cx) -> Result<Verdict, Stop> {
    let endpoint = cx.endpoint("registration_endpoint")?;
    let attacker = cx.elsewhere();
    let most = bound(cx, 100);
    let mut made = Vec::new();
    let mut refused = None;
    for number in 1..=most {
        let metadata =
            json!({ "client_name": format!("probe {number}"), "redirect_uris": ["https://client.example/callback"] });
        // Without any token: this is about strangers.
        let answer = attacker
            .send(&Request::get("registration", endpoint.clone()).post("application/json", metadata.to_string()))
            .await?;
        if !(200..300).contains(&answer.status) {
            refused = Some((number, answer.status));
            break;
        }
        made.push(answer.json());
    }
    for client in &made {
        let (uri, token) = (client["registration_client_uri"].as_str(), client["registration_access_token"].as_str());
        if let (Some(Ok(uri)), Some(token)) = (uri.map(url::Url::parse), token) {
            let mut remove =
                Request::get("removal of the client", uri).header("Authorization", format!("Bearer {token}"));
            remove.method = "DELETE".into();
            // Tidying up only: the verdict does not hang on it.
            let _ = attacker.send(&remove).await;
        }
    }
    Ok(match refused {
        Some((1, status)) => Verdict::resisted(format!("a stranger may not register (status {status})")),
        Some((number, status)) => Verdict::resisted(format!("after {} clients came status {status}", number - 1)),
        None => Verdict::vulnerable(format!("a stranger registered {most} clients in a row")),
    })
}
