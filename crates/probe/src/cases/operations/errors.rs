//! What errors repeat and what they tell about the inside.

use crate::case;
use crate::case::Case;
use crate::cases::honest::doors;
use crate::cx::{Cx, random};
use crate::flow::landing::Landing;
use crate::flow::person::{Intent, Person};
use crate::flow::token::Auth;
use crate::http::{Answer, Request};
use crate::target::User;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("secrets-in-logs-and-errors", "marked-secrets", "Marked secrets at every endpoint, and whether they come back",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 6749 section 5.2"], run: marked),
        case!("secrets-in-logs-and-errors", "password", "A marked password at the sign-in page",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6819 section 4.4.3.1"], run: password),
        case!("secrets-in-logs-and-errors", "traces", "Malformed requests, and whether errors show the inside",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 6819 section 4.6.7"], run: traces),
    ]
}

fn mark() -> String {
    format!("MARK{}", &random()[..16])
}

async fn marked(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let mut requests = Vec::new();
    for (name, grant) in [
        ("code", "authorization_code"),
        ("refresh_token", "refresh_token"),
        ("assertion", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
    ] {
        let mark = mark();
        requests.push((
            name,
            mark.clone(),
            cx.token(&web, grant).set(name, &mark).set("code_verifier", &mark).build(cx)?,
        ));
    }
    let secret = mark();
    requests.push((
        "client_secret",
        secret.clone(),
        cx.token(&web, "authorization_code").auth(Auth::Basic(web.client_id.clone(), secret)).build(cx)?,
    ));
    let passwords = mark();
    requests.push((
        "password",
        passwords.clone(),
        cx.token(&web, "password").set("username", "nobody").set("password", &passwords).build(cx)?,
    ));
    for (name, endpoint) in [("token", "introspection_endpoint"), ("token", "revocation_endpoint")] {
        if let Some(url) = cx.find_endpoint(endpoint) {
            let mark = mark();
            let form = [("token", mark.as_str()), ("client_id", &web.client_id), ("client_secret", &mark)]
                .into_iter()
                .collect();
            requests.push((name, mark.clone(), Request::form("a marked token", url, &form)));
        }
    }
    for door in doors(cx) {
        let mark = mark();
        requests.push((
            "access token",
            mark.clone(),
            Request::get("a marked access token", door.url().clone()).header("Authorization", format!("Bearer {mark}")),
        ));
    }
    let source = cx.elsewhere();
    for (name, mark, request) in &requests {
        let answer = source.send(request).await?;
        if holds(&answer, mark) {
            return Ok(Verdict::vulnerable(format!(
                "the answer of {} repeats the {name} that was sent",
                request.url.path()
            )));
        }
    }
    Ok(Verdict::resisted(format!("none of {} refusals repeats the secret that it refused", requests.len())))
}

fn holds(answer: &Answer, mark: &str) -> bool {
    answer.text().contains(mark) || answer.headers.iter().any(|(_, value)| value.contains(mark))
}

async fn password(cx: &Cx) -> Result<Verdict, Stop> {
    let mark = mark();
    let user = User { username: format!("nobody-{}", &random()[..6]), password: mark.clone() };
    let mut stranger = Person { user: Some(user), ..cx.stranger() };
    let landing = cx.elsewhere().walk(&mut stranger, &cx.request(&cx.client("web")?)?, Intent::Allow).await?;
    let Landing::Page { answer, .. } = &landing else {
        return Err(Stop::inconclusive(format!("a sign-in with an unknown name came to {}", landing.describe())));
    };
    Ok(if holds(answer, &mark) {
        Verdict::vulnerable("the page after a failed sign-in holds the password")
    } else {
        Verdict::resisted("the page after a failed sign-in does not hold the password")
    })
}

/// Signs of the inside: traces and places of source of the usual languages, database errors.
const TRACES: &[&str] = &[
    "panicked at",
    ".rs:",
    "stack backtrace",
    "Traceback (most recent call last)",
    "at java.",
    "at org.",
    "Exception in thread",
    "node_modules/",
    "    at ",
    ".py\", line",
    "goroutine ",
    "System.NullReference",
    "SQLSTATE",
    "sqlite3.",
    "ORA-0",
    "PG::",
    "/usr/src/",
    "/home/",
];

async fn traces(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let source = cx.elsewhere();
    let mut count = 0;
    let mut trouble = None;
    for bad in ["%00", "%ff%fe", "[]", "{\"a\":", "-1", "%", "\u{202e}", "../../etc/passwd"] {
        let mut raw = cx.request(&web)?;
        raw.raw_query = Some(format!(
            "response_type=code&client_id={}&redirect_uri={bad}&scope={bad}&max_age={bad}&claims={bad}&ui_locales={bad}",
            web.client_id
        ));
        let mut body = cx.token(&web, "authorization_code");
        body.raw_body = Some(format!("grant_type={bad}&code={bad}&scope={bad}"));
        let mut requests = vec![raw.first(cx)?, body.build(cx)?];
        requests.extend(doors(cx).iter().map(|door| {
            Request::get("malformed token", door.url().clone())
                .header("Authorization", format!("Bearer {}", bad.replace('\u{202e}', "")))
        }));
        for request in requests {
            let answer = source.send(&request).await?;
            count += 1;
            let text = answer.text();
            if let Some(sign) = TRACES.iter().find(|sign| answer.status >= 400 && text.contains(**sign)) {
                return Ok(Verdict::vulnerable(format!(
                    "an error of {} shows the inside of the server ({})",
                    request.url.path(),
                    sign.trim()
                )));
            }
            if answer.status >= 500 {
                trouble.get_or_insert_with(|| {
                    format!("{} answered {} to a malformed request", request.url.path(), answer.status)
                });
            }
        }
    }
    match trouble {
        Some(trouble) => Err(Stop::Inconclusive(trouble)),
        None => Ok(Verdict::resisted(format!("none of {count} errors shows traces, paths or queries"))),
    }
}
