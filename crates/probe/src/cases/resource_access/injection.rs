//! Protected answers that a page could run or read.

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Door, open_doors, usual_tokens};
use crate::cx::{Cx, random};
use crate::http::{Answer, Request};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("protected-resource-injection", "script-in-the-answer", "Parameters and tokens with script in them",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6750 section 3"], run: script),
        case!("protected-resource-injection", "callback", "A callback that would make a script of the answer",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["OpenID Connect Core section 5.3.2"], run: callback),
        case!("protected-resource-injection", "foreign-origin", "A page of a foreign origin reads with credentials",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 2.6"], run: foreign_origin),
        case!("protected-resource-injection", "kind-of-answer", "The type of protected answers, whatever is asked for",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["OpenID Connect Core section 5.3.2"], run: kind),
    ]
}

async fn doors_and_token(cx: &Cx) -> Result<(Vec<Door>, String), Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?.to_owned();
    Ok((open_doors(cx, &token).await?, token))
}

fn request(door: &Door, token: &str, what: &str) -> Request {
    let mut request = Request::get(what, door.url().clone()).header("Authorization", format!("Bearer {token}"));
    door.method().clone_into(&mut request.method);
    request
}

/// Whether a browser would take the answer for a page, or guess that it is one.
fn could_be_page(answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let firm = answer.header("x-content-type-options").is_some_and(|value| value.eq_ignore_ascii_case("nosniff"));
    ["html", "xml", "svg"].iter().any(|word| kind.contains(word))
        || (kind.is_empty() || kind.starts_with("text/plain")) && !firm
}

async fn script(cx: &Cx) -> Result<Verdict, Stop> {
    let (doors, token) = doors_and_token(cx).await?;
    let mark = format!("<script>probe('{}')</script>", &random()[..12]);
    let token_endpoint = cx.endpoint("token_endpoint")?;
    let mut answers = Vec::new();
    for door in &doors {
        let mut with = request(door, &token, "script in the query");
        with.url.query_pairs_mut().append_pair("error", &mark).append_pair("schema", &mark);
        answers.push((door.name, cx.send(&with).await?));
        answers.push((door.name, cx.send(&request(door, &mark, "script for a token")).await?));
        let accepting = request(door, "x", "script for a path").header("Accept", "text/html");
        let mut accepting = accepting;
        accepting.url.set_path(&format!("{}/{mark}", door.url().path()));
        answers.push((door.name, cx.send(&accepting).await?));
    }
    let form = [("grant_type", mark.as_str()), ("client_id", &mark), ("error", &mark)].into_iter().collect();
    answers.push((
        "the token endpoint",
        cx.send(&Request::form("script in a token request", token_endpoint, &form)).await?,
    ));
    let repeated = answers.iter().find(|(_, answer)| answer.text().contains(&mark) && could_be_page(answer));
    Ok(match repeated {
        Some((name, _)) => {
            Verdict::vulnerable(format!("{name} repeats script from the request in an answer that browsers run"))
        }
        None => {
            Verdict::resisted(format!("none of {} answers repeats script in a form that browsers run", answers.len()))
        }
    })
}

async fn callback(cx: &Cx) -> Result<Verdict, Stop> {
    let (doors, token) = doors_and_token(cx).await?;
    for door in &doors {
        for name in ["callback", "jsonp", "jsonpCallback", "cb"] {
            let mut with = request(door, &token, "a callback");
            with.url.query_pairs_mut().append_pair(name, "probeCallback");
            let answer = cx.send(&with).await?;
            if answer.text().trim_start().trim_start_matches("/**/").trim_start().starts_with("probeCallback(") {
                return Ok(Verdict::vulnerable(format!(
                    "{} wraps its answer in the function that {name} names",
                    door.name
                )));
            }
        }
    }
    Ok(Verdict::resisted("callbacks are ignored"))
}

async fn foreign_origin(cx: &Cx) -> Result<Verdict, Stop> {
    let (doors, token) = doors_and_token(cx).await?;
    for door in &doors {
        for origin in ["https://attacker.example", "null"] {
            let answer = cx.send(&request(door, &token, "from a foreign origin").header("Origin", origin)).await?;
            let allowed = answer.header("access-control-allow-origin").is_some_and(|value| value == origin);
            let with_credentials =
                answer.header("access-control-allow-credentials").is_some_and(|value| value == "true");
            if allowed && with_credentials {
                return Ok(Verdict::vulnerable(format!(
                    "{} lets any page read it with the browser's credentials",
                    door.name
                )));
            }
        }
    }
    Ok(Verdict::resisted("no foreign origin may read with credentials"))
}

async fn kind(cx: &Cx) -> Result<Verdict, Stop> {
    let (doors, token) = doors_and_token(cx).await?;
    for door in &doors {
        for accept in ["text/html", "application/xml;q=1, */*;q=0.1", "application/javascript"] {
            let answer = cx.send(&request(door, &token, "another kind of answer").header("Accept", accept)).await?;
            let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
            let script = kind.contains("javascript") || kind.contains("ecmascript");
            // Userinfo has two kinds only; an API of the operator may well serve pages.
            let page = door.name == "userinfo" && (200..300).contains(&answer.status) && could_be_page(&answer);
            if script || page {
                return Ok(Verdict::vulnerable(format!("{} answers as {kind} when asked to", door.name)));
            }
        }
    }
    Ok(Verdict::resisted("protected answers stay data, whatever kind is asked for"))
}
