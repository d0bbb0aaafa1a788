//! What the answer leaves behind, and what it must bring back.

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, random};
use crate::flow::landing::Landing;
use crate::http::Answer;
use crate::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("code-eavesdropping-leak", "answer-headers", "Whether caches and referrers may keep the answer with the code",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 9700 section 4.2.4", "RFC 9111 section 3"], run: headers),
        case!("csrf-on-redirect-uri", "state-in-success", "state with reserved characters, in success",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.2"], run: in_success),
        case!("csrf-on-redirect-uri", "state-in-denial", "state with reserved characters, when the person denies",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.2.1"], run: in_denial),
        case!("csrf-on-redirect-uri", "state-in-error", "state with reserved characters, in an error",
            needs: ["web"], features: ["openid"], phase: Normal, sections: ["RFC 6749 section 4.1.2.1"], run: in_error),
        case!("csrf-on-redirect-uri", "state-beyond-ascii", "state with letters beyond ASCII",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.2"], run: beyond_ascii),
    ]
}

async fn headers(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let landing = cx.walk(&mut cx.person(), &cx.request(&client)?, Intent::Allow).await?;
    landing.code()?;
    let answer = landing.answer();
    if let Some(why) = may_be_kept(answer) {
        return Ok(Verdict::vulnerable(format!("a cache may keep the answer with the code: {why}")));
    }
    let policy = answer.all("referrer-policy").collect::<Vec<_>>().join(",").to_ascii_lowercase();
    let last = policy.rsplit(',').next().unwrap_or_default().trim();
    if matches!(last, "unsafe-url" | "no-referrer-when-downgrade") {
        return Ok(Verdict::vulnerable(format!("the referrer policy {last} hands on the whole address")));
    }
    let policy = if last.is_empty() { "the browser's own referrer policy" } else { last };
    Ok(Verdict::resisted(format!("no cache may keep the answer with the code, and {policy} holds for it")))
}

/// Why a cache may keep this answer, if it may (RFC 9111 sections 3 and 4.2.2).
fn may_be_kept(answer: &Answer) -> Option<String> {
    let control = answer.all("cache-control").collect::<Vec<_>>().join(",").to_ascii_lowercase();
    let words: Vec<&str> = control.split(',').map(str::trim).collect();
    if words.contains(&"no-store") {
        return None;
    }
    let fresh = |word: &&&str| {
        let seconds = word.strip_prefix("max-age=").or_else(|| word.strip_prefix("s-maxage="));
        **word == "public" || seconds.is_some_and(|seconds| seconds.trim_matches('"') != "0")
    };
    if let Some(word) = words.iter().find(fresh) {
        return Some(format!("Cache-Control says {word}"));
    }
    // Statuses that caches keep without being told to.
    let by_itself = matches!(answer.status, 200 | 203 | 300 | 301 | 308);
    let restrained = words.iter().any(|word| matches!(*word, "no-cache" | "private" | "max-age=0"));
    (by_itself && !restrained).then(|| format!("status {} without Cache-Control", answer.status))
}

/// Everything that a query must escape, and what an escape could be mistaken for.
fn reserved() -> String {
    format!("a b+c%20&d=e?f/g#h;i:j@k,l\"m'n<o>{{p}}|q\\r^s`t~{}", random())
}

fn compare(landing: &Landing, sent: &str, wanted: &str) -> Result<Verdict, Stop> {
    let outcome = landing.outcome();
    if !(outcome == wanted || wanted == "error" && outcome.starts_with("error:")) {
        return Err(Stop::inconclusive(format!("instead of {wanted} the request came to {}", landing.describe())));
    }
    Ok(match landing.param("state") {
        Some(came) if came == sent => Verdict::resisted(format!("state came back byte for byte with {outcome}")),
        Some(_) => {
            Verdict::vulnerable(format!("state came back changed with {outcome}, so the client cannot compare it"))
        }
        None => Verdict::vulnerable(format!("state did not come back with {outcome}")),
    })
}

async fn in_success(cx: &Cx) -> Result<Verdict, Stop> {
    let state = reserved();
    let request = cx.request(&cx.client("web")?)?.set("state", &state);
    compare(&cx.walk(&mut cx.person(), &request, Intent::Allow).await?, &state, "code")
}

/// By a public client: it is asked about every time, or at least here, where the person says no.
async fn in_denial(cx: &Cx) -> Result<Verdict, Stop> {
    let state = reserved();
    let client = cx.client("native")?;
    let mut request = cx.request(&client)?.set("state", &state);
    if request.params.get("nonce").is_some() {
        request = request.set("prompt", "consent");
    }
    compare(&cx.walk(&mut cx.person(), &request, Intent::Deny).await?, &state, "error")
}

/// Nobody is signed in, and no page may be shown.
async fn in_error(cx: &Cx) -> Result<Verdict, Stop> {
    let state = reserved();
    let request = cx.request(&cx.client("web")?)?.set("state", &state).set("prompt", "none");
    compare(&cx.walk(&mut cx.stranger(), &request, Intent::Anonymous).await?, &state, "error")
}

/// The specification allows visible ASCII only: a server may refuse other letters, but not change them.
async fn beyond_ascii(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let state = format!("grüße-€-\u{1f511}-{}", random());
    cx.walk(&mut cx.person(), &cx.request(&client)?, Intent::Allow).await?.code()?;
    let landing = cx.walk(&mut cx.person(), &cx.request(&client)?.set("state", &state), Intent::Allow).await?;
    match landing.outcome().as_str() {
        "code" => compare(&landing, &state, "code"),
        "trouble" | "elsewhere" => Err(Stop::inconclusive(landing.describe())),
        _ => Ok(Verdict::resisted("state beyond ASCII is refused, as the specification allows")),
    }
}

#[cfg(test)]
mod tests {
    use super::may_be_kept;
    use crate::http::Answer;

    fn answer(status: u16, control: &str) -> Answer {
        let headers = if control.is_empty() { Vec::new() } else { vec![("Cache-Control".into(), control.into())] };
        Answer { status, headers, body: Vec::new() }
    }

    #[test]
    fn redirects_are_kept_only_when_they_say_so() {
        for (status, control) in [(303, ""), (302, "no-store"), (200, "no-store"), (301, "private"), (302, "max-age=0")]
        {
            assert_eq!(may_be_kept(&answer(status, control)), None, "{status} {control}");
        }
        for (status, control) in [(301, ""), (308, ""), (200, ""), (302, "max-age=60"), (303, "Public")] {
            assert!(may_be_kept(&answer(status, control)).is_some(), "{status} {control}");
        }
    }
}
