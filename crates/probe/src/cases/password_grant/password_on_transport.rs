use super::sign_in_form::SignIn;
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::http::Request;
use crate::http::jar::is_loopback;
use crate::params::Params;
use crate::person::page::Method;
use crate::verdict::{Stop, Verdict};

pub(super) async fn form(cx: &Cx) -> Result<Verdict, Stop> {
    let user = cx.user()?.clone();
    let sign_in = SignIn::open(cx).await?;
    let form = sign_in.filled(cx, &user.username, &user.password)?;
    if form.method == Method::Get {
        return Ok(Verdict::vulnerable("the sign-in form puts the password into the query of a URL"));
    }
    for url in [sign_in.url(), &form.url] {
        if url.scheme() != "https" && !is_loopback(url) {
            return Ok(Verdict::vulnerable("the password goes over plain http"));
        }
    }
    if sign_in.url().scheme() == "https" && form.url.scheme() != "https" {
        return Ok(Verdict::vulnerable("the sign-in page came by https and sends the password by plain http"));
    }
    Ok(Verdict::resisted(format!("the form is sent by POST to {}", form.url.origin().ascii_serialization())))
}

/// Whether the browser is signed in: a request that may not ask for a password comes further than the sign-in page.
async fn signed_in(cx: &Cx, sign_in: &SignIn) -> Result<bool, Stop> {
    let request = cx.request(&cx.client("web")?)?;
    let landing = cx.walk(&mut sign_in.person.clone(), &request, Intent::Anonymous).await?;
    Ok(matches!(landing.outcome().as_str(), "code" | "consent-page"))
}

pub(super) async fn query(cx: &Cx) -> Result<Verdict, Stop> {
    let user = cx.user()?.clone();
    let mut honest = SignIn::open(cx).await?;
    let form = honest.filled(cx, &user.username, &user.password)?;
    let answer = honest.send(cx, &form).await?;
    honest.follow(cx, &form.url, answer).await?;
    if !signed_in(cx, &honest).await? {
        return Err(Stop::inconclusive("the honest sign-in form did not sign the person in"));
    }
    let mut sign_in = SignIn::open(cx).await?;
    let form = sign_in.filled(cx, &user.username, &user.password)?;
    let mut url = form.url.clone();
    let query: Params = form.entries.into_iter().collect();
    url.set_query(Some(&match url.query() {
        Some(own) if !own.is_empty() => format!("{own}&{}", query.encode()),
        _ => query.encode(),
    }));
    let answer =
        cx.browse(&mut sign_in.person, Request::get("sign-in with the password in the query", url.clone())).await?;
    sign_in.follow(cx, &url, answer).await?;
    if signed_in(cx, &sign_in).await? {
        return Ok(Verdict::vulnerable("the sign-in page took the password from the query of a URL"));
    }
    Ok(Verdict::resisted("a password in the query of a URL signed nobody in"))
}

pub(super) async fn https(cx: &Cx) -> Result<Verdict, Stop> {
    let sign_in = SignIn::open(cx).await?;
    if sign_in.url().scheme() != "https" {
        if is_loopback(sign_in.url()) {
            return Err(Stop::inconclusive(
                "the target is on a loopback address with plain http, where transport cannot be judged",
            ));
        }
        return Ok(Verdict::vulnerable("the sign-in page comes over plain http"));
    }
    let told = sign_in.answer.header("strict-transport-security").unwrap_or_default().to_ascii_lowercase();
    let seconds =
        told.split(';').find_map(|part| part.trim().strip_prefix("max-age=")?.trim_matches('"').parse::<u64>().ok());
    match seconds {
        Some(seconds) if seconds > 0 => {
            Ok(Verdict::resisted(format!("browsers are told to insist on https for {seconds} s")))
        }
        _ => Ok(Verdict::vulnerable(
            "the sign-in page has no Strict-Transport-Security, so the next visit may begin on plain http",
        )),
    }
}
