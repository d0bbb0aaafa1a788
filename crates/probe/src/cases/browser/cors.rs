//! Which answers pages of other origins may read.

use crate::case;
use crate::case::Case;
use crate::cases::authorization_endpoint::tour;
use crate::cx::Cx;
use crate::http::{Answer, Request};
use crate::verdict::{Stop, Verdict};
use url::Url;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("cors-misconfiguration", "pages", "Foreign origins at the authorization endpoint and the pages",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 2.6"], run: pages),
        case!("cors-misconfiguration", "back-channel", "Foreign origins with cookies at token, userinfo and the others",
            needs: [], features: [], phase: Normal, sections: ["RFC 10017 section 6.3.3"], run: back_channel),
    ]
}

/// Origins that no server has registered: foreign, none, and such that begin or end like the server's own.
fn origins(cx: &Cx) -> Vec<String> {
    let own = Url::parse(&cx.target().issuer).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let host = own.split_once("://").map_or("", |(_, rest)| rest);
    vec![
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("{own}.evil.example"),
        format!("https://evil-{host}"),
    ]
}

async fn ask(cx: &Cx, url: &Url, method: &str, origin: &str, cookies: Option<String>) -> Result<Answer, Stop> {
    let mut request = Request::get("request of a foreign page", url.clone()).header("Origin", origin);
    if method == "OPTIONS" {
        request = request
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "authorization");
    }
    request.method = method.to_owned();
    if let Some(cookies) = cookies {
        request = request.header("Cookie", cookies);
    }
    cx.send(&request).await
}

/// No page has a reason to be read by another origin, with cookies or without.
async fn pages(cx: &Cx) -> Result<Verdict, Stop> {
    let seen = tour::tour(cx).await?;
    for page in &seen {
        for origin in origins(cx) {
            for method in ["GET", "OPTIONS"] {
                let answer = ask(cx, &page.url, method, &origin, page.cookies.clone()).await?;
                if let Some(allowed) = answer.header("access-control-allow-origin") {
                    let what = if method == "GET" { "an answer" } else { "a preflight" };
                    return Ok(Verdict::vulnerable(format!(
                        "{} let pages of {allowed} read {what}, asked by {origin}",
                        page.name
                    )));
                }
            }
        }
    }
    let names: Vec<&str> = seen.iter().map(|page| page.name).collect();
    Ok(Verdict::resisted(format!("no foreign origin may read {}", names.join(", "))))
}

/// Whether an answer lets pages of this origin read it with the cookies of their visitor. Browsers take no `*` for that.
fn with_cookies(answer: &Answer, origin: &str) -> bool {
    let named = answer.header("access-control-allow-origin") == Some(origin);
    named && answer.header("access-control-allow-credentials").is_some_and(|value| value.trim() == "true")
}

async fn back_channel(cx: &Cx) -> Result<Verdict, Stop> {
    let mut asked = Vec::new();
    for name in [
        "token_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
        "registration_endpoint",
    ] {
        let Some(url) = cx.find_endpoint(name) else { continue };
        for origin in origins(cx) {
            for method in ["POST", "GET", "OPTIONS"] {
                let answer = ask(cx, &url, method, &origin, None).await?;
                if with_cookies(&answer, &origin) {
                    return Ok(Verdict::vulnerable(format!(
                        "the {name} let pages of {origin} read its answers with the cookies of whoever visits them"
                    )));
                }
            }
        }
        asked.push(name);
    }
    if asked.is_empty() {
        return Err(Stop::inconclusive("the metadata names no endpoint of the back channel"));
    }
    Ok(Verdict::resisted(format!("no foreign origin may use cookies at {}", asked.join(", "))))
}
