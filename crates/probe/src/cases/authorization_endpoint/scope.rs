//! More scope than a client may have, or than somebody allowed.

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, Role};
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("too-much-scope-granted", "unknown-scope", "A scope that does not exist",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 3.3"], run: unknown_scope),
        case!("too-much-scope-granted", "forbidden-scope", "A scope that the client may not have",
            needs: ["user", "stranger"], features: [], phase: Normal, sections: ["RFC 6749 section 3.3"], run: forbidden_scope),
        case!("too-much-scope-granted", "forbidden-scope-machine", "A scope that a client may not have on its own account",
            needs: ["machine"], features: ["client-credentials"], phase: Normal, sections: ["RFC 6749 section 3.3"], run: forbidden_scope_machine),
        case!("too-much-scope-granted", "all-scopes", "Every scope that the server announces",
            needs: ["user", "stranger"], features: [], phase: Normal, sections: ["RFC 6749 section 3.3"], run: all_scopes),
        case!("too-much-scope-granted", "widened-at-the-token-endpoint", "More scope in the token request than was allowed",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.3"], run: widened),
        case!("consent-scope-creep", "more-scope", "More scope than was allowed before",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 3.3"], run: more_scope),
        case!("consent-scope-creep", "other-resource", "Another API than was allowed before",
            needs: ["second-user", "other", "other-resource"], features: ["resource-indicators"], phase: Normal, sections: ["RFC 8707 section 2.1"], run: other_resource),
        case!("consent-scope-creep", "unknown-details", "Authorization details of a type that nobody knows",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9396 section 5"], run: unknown_details),
    ]
}

fn words(scope: &str) -> Vec<&str> {
    scope.split_whitespace().collect()
}

fn scope_of(client: &Role) -> Result<&str, Stop> {
    let lacks = || Stop::inconclusive(format!("the target file names no `clients.{}.scope`", client.role));
    client.client.scope.as_deref().filter(|scope| !scope.is_empty()).ok_or_else(lacks)
}

/// What an honest and then a greedy request of this client are granted; none where the greedy one was refused.
async fn granted(cx: &Cx, client: &Role, asked: &str) -> Result<Option<String>, Stop> {
    cx.walk(&mut cx.person(), &cx.request(client)?, Intent::Allow).await?.code()?;
    let request = cx.request(client)?.set("scope", asked);
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    match landing.outcome().as_str() {
        "code" => {}
        "trouble" => return Err(Stop::inconclusive(format!("the request came to {}", landing.describe()))),
        _ => return Ok(None),
    }
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    tokens.expect("access_token")?;
    // Without the member the client has what it asked for (RFC 6749 section 5.1).
    Ok(Some(tokens.member("scope").unwrap_or(asked).to_owned()))
}

fn judge(granted: Option<String>, forbidden: &[&str]) -> Verdict {
    let Some(granted) = granted else { return Verdict::resisted("the server refused the request") };
    match words(&granted).into_iter().find(|word| forbidden.contains(word)) {
        Some(word) => Verdict::vulnerable(format!("the server granted {word}")),
        None => Verdict::resisted("the server granted less and said so"),
    }
}

async fn unknown_scope(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let asked = format!("{} probe:unknown", scope_of(&web)?);
    Ok(judge(granted(cx, &web, &asked).await?, &["probe:unknown"]))
}

async fn forbidden_scope(cx: &Cx) -> Result<Verdict, Stop> {
    let stranger = cx.client("stranger")?;
    let forbidden = forbidden(&stranger)?;
    let asked = format!("{} {forbidden}", scope_of(&stranger)?);
    Ok(judge(granted(cx, &stranger, &asked).await?, &[&forbidden]))
}

fn forbidden(client: &Role) -> Result<String, Stop> {
    let lacks = || Stop::inconclusive(format!("the target file names no `clients.{}.forbidden_scope`", client.role));
    client.client.forbidden_scope.clone().ok_or_else(lacks)
}

async fn forbidden_scope_machine(cx: &Cx) -> Result<Verdict, Stop> {
    let machine = cx.client("machine")?;
    let forbidden = forbidden(&machine)?;
    cx.client_credentials(&machine).send(cx).await?.expect("access_token")?;
    let answer = cx.client_credentials(&machine).set("scope", forbidden.clone()).send(cx).await?;
    match answer.outcome().as_str() {
        "tokens" => Ok(judge(Some(answer.member("scope").unwrap_or(&forbidden).to_owned()), &[&forbidden])),
        "trouble" => {
            Err(Stop::inconclusive(format!("the token endpoint was in trouble (status {})", answer.answer.status)))
        }
        _ => Ok(judge(None, &[])),
    }
}

async fn all_scopes(cx: &Cx) -> Result<Verdict, Stop> {
    let stranger = cx.client("stranger")?;
    let forbidden = forbidden(&stranger)?;
    let announced: Vec<&str> =
        cx.metadata("scopes_supported").as_array().into_iter().flatten().filter_map(|word| word.as_str()).collect();
    if announced.is_empty() {
        return Err(Stop::inconclusive("the metadata announces no scopes"));
    }
    if !announced.contains(&forbidden.as_str()) {
        return Err(Stop::inconclusive(format!(
            "the metadata does not announce {forbidden}, which this client may not have"
        )));
    }
    Ok(judge(granted(cx, &stranger, &announced.join(" ")).await?, &[&forbidden]))
}

async fn widened(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let all = words(scope_of(&web)?);
    let [little, more, ..] = all[..] else {
        return Err(Stop::inconclusive("the target file names one scope of the web client only"));
    };
    let request = cx.request(&web)?.set("scope", little);
    let mut person = cx.person();
    let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
    let answer = cx.redeem(&request, landing.code()?).set("scope", format!("{little} {more}")).send(cx).await?;
    match answer.outcome().as_str() {
        // A parameter that this request does not have is ignored; what counts is what was granted.
        "tokens" => Ok(judge(Some(answer.member("scope").unwrap_or(little).to_owned()), &[more])),
        "trouble" => {
            Err(Stop::inconclusive(format!("the token endpoint was in trouble (status {})", answer.answer.status)))
        }
        _ => Ok(judge(None, &[])),
    }
}

/// The usual scope is allowed; then one more is asked for, without anybody at the page. No other case asks for that one.
async fn more_scope(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let lacks = || Stop::inconclusive("the target file names no `clients.web.further_scope`");
    let more = web.client.further_scope.clone().ok_or_else(lacks)?;
    let both = format!("{} {more}", scope_of(&web)?);
    let mut person = cx.person();
    cx.walk(&mut person, &cx.request(&web)?, Intent::Allow).await?.code()?;
    let mut seen = Vec::new();
    for (scope, silent) in [(&both, None), (&more, Some("none")), (&both, Some("none"))] {
        let mut request = cx.request(&web)?.set("scope", scope.as_str());
        if let Some(prompt) = silent {
            request = request.set("prompt", prompt);
        }
        let landing = cx.walk(&mut person, &request, Intent::Stop).await?;
        match landing.outcome().as_str() {
            "code" => {
                let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
                let granted = tokens.member("scope").unwrap_or(&more);
                if words(granted).contains(&more.as_str()) {
                    return Ok(Verdict::vulnerable(format!("the server granted {more} without asking anybody")));
                }
            }
            "token" | "elsewhere" => {
                return Ok(Verdict::vulnerable(format!(
                    "the server answered a request for {more} without asking anybody"
                )));
            }
            "trouble" => {
                return Err(Stop::inconclusive(format!("the request for more came to {}", landing.describe())));
            }
            _ => {}
        }
        seen.push(landing.outcome());
    }
    Ok(Verdict::resisted(format!("asked for more, the server answered {}", seen.join(", "))))
}

async fn other_resource(cx: &Cx) -> Result<Verdict, Stop> {
    // A pair of user and client that no other case takes to this API.
    let client = cx.client("other")?;
    let other = cx.target().other_resource.as_ref().and_then(|resource| resource.identifier.clone());
    let lacks = || Stop::inconclusive("the target file names no `other_resource.identifier`");
    let other = other.ok_or_else(lacks)?;
    let mut person = cx.second_person()?;
    cx.walk(&mut person, &cx.request(&client)?, Intent::Allow).await?.code()?;
    let request = cx.request(&client)?.set("resource", other.clone()).set("prompt", "none");
    let landing = cx.walk(&mut person, &request, Intent::Stop).await?;
    Ok(match landing.outcome().as_str() {
        "code" | "token" | "elsewhere" => {
            Verdict::vulnerable(format!("the server let the client use {other} without asking anybody"))
        }
        "trouble" => return Err(Stop::inconclusive(format!("the request came to {}", landing.describe()))),
        _ => Verdict::resisted(format!("asked for another API, the server answered {}", landing.describe())),
    })
}

/// A server that does not know the parameter ignores it; one that does must refuse the type.
async fn unknown_details(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let mut person = cx.person();
    cx.walk(&mut person, &cx.request(&web)?, Intent::Allow).await?.code()?;
    let details = r#"[{"type":"probe_unknown","actions":["everything"]}]"#;
    let request = cx.request(&web)?.set("authorization_details", details);
    let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
    if landing.outcome() != "code" {
        return Ok(Verdict::resisted(format!("asked for an unknown type, the server answered {}", landing.describe())));
    }
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    if tokens.json["authorization_details"].to_string().contains("probe_unknown") {
        return Ok(Verdict::vulnerable("the server granted authorization details of a type that nobody knows"));
    }
    if cx.announces("authorization_details_types_supported", "probe_unknown")
        || !cx.metadata("authorization_details_types_supported").is_null()
    {
        return Ok(Verdict::resisted("the server left the unknown type out of the grant"));
    }
    Err(Stop::NotApplicable("the server does not know authorization_details: it ignored them".into()))
}
