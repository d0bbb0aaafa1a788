//! Which answers a cache may keep.

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Reception, reception, usual_tokens};
use crate::cx::Cx;
use crate::flow::call::Place;
use crate::flow::landing::{Landing, Stopped};
use crate::flow::person::Intent;
use crate::http::Answer;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("token-response-cached", "tokens", "Whether token responses say no-store",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 5.1"], run: tokens),
        case!("token-response-cached", "refusals", "Whether refusals may be kept",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 9111 section 3"], run: refusals),
        case!("token-response-cached", "personal-answers", "Whether userinfo and introspection may be kept",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9111 section 3"], run: personal),
        case!("token-response-cached", "pages", "Whether pages for a person and the way back may be kept",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9111 section 4.2.2"], run: pages),
        case!("token-response-cached", "suffixes", "Userinfo under names that caches take for style sheets",
            needs: ["user", "web"], features: ["userinfo"], phase: Normal, sections: ["RFC 9111 section 7.2"], run: suffixes),
    ]
}

/// The directives of `Cache-Control`, in small letters.
fn directives(answer: &Answer) -> Vec<String> {
    answer
        .all("cache-control")
        .flat_map(|value| value.split(',').map(|part| part.trim().to_ascii_lowercase()).collect::<Vec<_>>())
        .filter(|part| !part.is_empty())
        .collect()
}

fn says(answer: &Answer, word: &str) -> bool {
    directives(answer).iter().any(|directive| directive == word || directive.starts_with(&format!("{word}=")))
}

/// Whether the answer itself asks to be kept (RFC 9111 section 5.2.2): for longer than no time, or by everybody.
pub(in crate::cases) fn is_offered(answer: &Answer) -> bool {
    let forbidden = ["no-store", "private", "no-cache"].iter().any(|word| says(answer, word));
    let long = |directive: &String| {
        let seconds = directive.strip_prefix("max-age=").or_else(|| directive.strip_prefix("s-maxage="));
        seconds.is_some_and(|seconds| seconds.trim_matches('"') != "0")
    };
    !forbidden && (says(answer, "public") || directives(answer).iter().any(long))
}

/// Whether a cache may keep a page although nothing invites it to: a status of RFC 9110 section 15.1, and no word against.
fn is_left_open(answer: &Answer) -> bool {
    let by_heuristic = matches!(answer.status, 200 | 203 | 300 | 301 | 308 | 404 | 410);
    by_heuristic && !["no-store", "private", "no-cache"].iter().any(|word| says(answer, word))
}

async fn tokens(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let tokens = usual_tokens(cx, &web).await?;
    let mut answers = vec![("the answer to a code", tokens.answer.clone())];
    if let Some(refresh) = tokens.member("refresh_token") {
        answers.push(("the answer to a refresh token", cx.refresh(&web, refresh).send(cx).await?.answer));
    }
    if let Ok(machine) = cx.client("machine") {
        let answer = cx.client_credentials(&machine).send(cx).await?;
        if answer.has_tokens() {
            answers.push(("the answer to client credentials", answer.answer));
        }
    }
    Ok(match answers.iter().find(|(_, answer)| !says(answer, "no-store")) {
        Some((name, _)) => Verdict::vulnerable(format!("{name} holds tokens and does not say Cache-Control: no-store")),
        None => Verdict::resisted(format!("{} token responses say no-store", answers.len())),
    })
}

async fn refusals(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let refused = cx.token(&web, "authorization_code").set("code", crate::cx::random()).send(cx).await?;
    if !refused.is_refused() {
        return Err(Stop::inconclusive(format!("an invented code came to {}", refused.outcome())));
    }
    let landing = cx.walk(&mut cx.stranger(), &cx.request(&web)?.set("prompt", "none"), Intent::Anonymous).await?;
    let answers = [
        ("the refusal of the token endpoint", &refused.answer),
        ("the refusal of the authorization endpoint", landing.answer()),
    ];
    Ok(match answers.iter().find(|(_, answer)| is_offered(answer)) {
        Some((name, _)) => Verdict::vulnerable(format!("{name} asks to be kept by caches")),
        None => Verdict::resisted("no refusal asks to be kept"),
    })
}

async fn personal(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?;
    let mut answers = Vec::new();
    if let Some(url) = cx.find_endpoint("userinfo_endpoint") {
        answers.push(("userinfo", cx.call(&url, "GET", token, Place::Header).await?));
    }
    if let Ok(api) = cx.client("api") {
        answers.push(("introspection", cx.introspect(&api, token).send(cx).await?.answer));
    }
    answers.retain(|(_, answer)| reception(answer) == Reception::Accepted);
    if answers.is_empty() {
        return Err(Stop::inconclusive("neither userinfo nor introspection answered the honest request"));
    }
    Ok(match answers.iter().find(|(_, answer)| is_offered(answer)) {
        Some((name, _)) => Verdict::vulnerable(format!("the answer of {name} asks to be kept by caches")),
        None => Verdict::resisted("no answer about a person or a token asks to be kept"),
    })
}

async fn pages(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let sign_in = cx.walk(&mut cx.stranger(), &cx.request(&web)?, Intent::Anonymous).await?;
    let consent = cx.walk(&mut cx.person(), &cx.request(&web)?.set("prompt", "consent"), Intent::Stop).await?;
    let back = cx.walk(&mut cx.person(), &cx.request(&web)?, Intent::Allow).await?;
    back.code()?;
    let mut seen = Vec::new();
    for (name, landing) in
        [("the sign-in page", &sign_in), ("the consent page", &consent), ("the way back with a code", &back)]
    {
        let shown =
            matches!(landing, Landing::Away { .. } | Landing::Page { stopped: Stopped::SignIn | Stopped::Consent, .. });
        if !shown {
            continue;
        }
        if is_offered(landing.answer()) || is_left_open(landing.answer()) {
            return Ok(Verdict::vulnerable(format!(
                "{name} may be kept by caches: nothing in it says no-store or private"
            )));
        }
        seen.push(name);
    }
    Ok(Verdict::resisted(format!("{} may not be kept", seen.join(", "))))
}

async fn suffixes(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?;
    let url = cx.endpoint("userinfo_endpoint")?;
    if cx.call(&url, "GET", token, Place::Header).await?.json()["sub"].is_null() {
        return Err(Stop::inconclusive("userinfo did not answer the honest request with claims"));
    }
    for suffix in ["/x.css", ";x.css", "%0a.css", "%3bx.css", "/..%2fx.css", ".css", "%00.css"] {
        let mut strange = url.clone();
        strange.set_path(&format!("{}{suffix}", url.path()));
        let answer = cx.call(&strange, "GET", token, Place::Header).await?;
        if reception(&answer) == Reception::Accepted && !answer.json()["sub"].is_null() {
            return Ok(Verdict::vulnerable(format!(
                "userinfo{suffix} answers with the claims of userinfo, and looks like a style sheet"
            )));
        }
    }
    Ok(Verdict::resisted("seven names like those of style sheets are unknown"))
}

#[cfg(test)]
mod tests {
    use super::{is_left_open, is_offered};
    use crate::http::Answer;

    fn answer(status: u16, cache_control: &str) -> Answer {
        let headers = if cache_control.is_empty() {
            vec![]
        } else {
            vec![("Cache-Control".to_owned(), cache_control.to_owned())]
        };
        Answer { status, headers, body: Vec::new() }
    }

    #[test]
    fn what_asks_to_be_kept_and_what_is_left_open() {
        for text in ["public", "max-age=60", "S-MaxAge=5, must-revalidate"] {
            assert!(is_offered(&answer(200, text)), "{text}");
        }
        for text in ["", "no-store", "private, max-age=60", "max-age=0", "no-cache"] {
            assert!(!is_offered(&answer(200, text)), "{text}");
        }
        assert!(is_left_open(&answer(200, "")));
        assert!(!is_left_open(&answer(302, "")));
        assert!(!is_left_open(&answer(200, "private")));
    }
}
