//! What the sign-in page tells of accounts.

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, random};
use crate::flow::landing::Landing;
use crate::flow::person::Intent;
use crate::http::Answer;
use crate::person::Page;
use crate::target::User;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("account-enumeration", "wording", "An unknown name and a wrong password, by what the page says",
            needs: ["second-user", "web"], features: [], phase: Noisy, sections: ["RFC 6819 section 4.4.3.6"], run: wording),
        case!("account-enumeration", "timing", "An unknown name and a wrong password, by how long the answer takes",
            needs: ["second-user", "web"], features: [], phase: Noisy, sections: ["RFC 6819 section 4.4.3.6"], run: timing),
    ]
}

/// What came of one attempt.
struct Attempt {
    answer: Answer,
    page: Page,
    /// Milliseconds that the form took.
    millis: u64,
}

/// One attempt to sign in with a wrong password, in a browser of its own.
async fn attempt(cx: &Cx, username: &str) -> Result<Attempt, Stop> {
    let request = cx.request(&cx.client("web")?)?;
    let mut person = cx.stranger();
    // Of the same length each time, so that the length tells nothing.
    person.user = Some(User { username: username.to_owned(), password: random() });
    let landing = cx.walk(&mut person, &request, Intent::Stop).await?;
    let outcome = landing.outcome();
    let Landing::Page { url, answer, .. } = landing else {
        return Err(Stop::inconclusive(format!(
            "a wrong password should end on a page, but came to {}",
            landing.describe()
        )));
    };
    if !page_refuses(&outcome) {
        return Err(Stop::inconclusive(format!("a wrong password should be refused, but came to {outcome}")));
    }
    if answer.status == 429 {
        return Err(Stop::inconclusive(
            "the server slows these attempts down, as it should, before they tell anything",
        ));
    }
    let recorded = cx.http.recorded();
    let sent = recorded.iter().rev().find(|exchange| exchange.request.starts_with("POST "));
    let millis = sent.map_or(0, |exchange| exchange.millis);
    let page = Page::read(&url, answer.status, &answer.text());
    Ok(Attempt { answer, page, millis })
}

/// Whether a page that says so is the end of a refused sign-in: the same page again, or an error.
fn page_refuses(outcome: &str) -> bool {
    matches!(outcome, "sign-in-page" | "page" | "trouble")
}

/// A name like the given one that nobody has: as long, and of the same kind.
fn invented(like: &str) -> String {
    let letters = random().to_ascii_lowercase().replace(['-', '_'], "x");
    let (local, domain) = like.split_once('@').map_or((like, None), |(local, domain)| (local, Some(domain)));
    let wanted = local.chars().count().max(6);
    let local: String = letters.chars().take(wanted).collect();
    domain.map_or(local.clone(), |domain| format!("{local}@{domain}"))
}

/// What a person or a program can read on the page, without the name that was typed.
fn readable(attempt: &Attempt, username: &str) -> Vec<(&'static str, String)> {
    let without = |text: &str| text.replace(username, "(name)");
    let mut headers: Vec<String> = attempt.answer.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    headers.sort();
    vec![
        ("status", attempt.page.status.to_string()),
        ("title", without(&attempt.page.title)),
        ("heading", without(&attempt.page.heading)),
        ("text", without(&attempt.page.text)),
        ("message", without(&attempt.page.alerts.join(" "))),
        ("form", attempt.page.fingerprint()),
        ("headers", headers.join(" ")),
    ]
}

async fn wording(cx: &Cx) -> Result<Verdict, Stop> {
    let known = known(cx)?;
    let unknown = invented(&known);
    let (with, without) = (attempt(cx, &known).await?, attempt(cx, &unknown).await?);
    let again = invented(&known);
    let control = attempt(cx, &again).await?;
    let (with, without, control) = (readable(&with, &known), readable(&without, &unknown), readable(&control, &again));
    if without != control {
        return Err(Stop::inconclusive("two names that nobody has got different pages, so a difference tells nothing"));
    }
    Ok(match with.iter().zip(&without).find(|(one, other)| one != other) {
        Some(((what, one), (_, other))) => Verdict::vulnerable(format!(
            "the {what} tells an account that exists (\"{}\") from one that does not (\"{}\")",
            short(one),
            short(other)
        )),
        None => Verdict::resisted("a wrong password and an unknown name got the same page, status and headers"),
    })
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn known(cx: &Cx) -> Result<String, Stop> {
    Ok(cx.second_person()?.user.map(|user| user.username).unwrap_or_default())
}

/// Attempts of each kind: few, since servers rightly slow them down.
const ROUNDS: usize = 4;

/// Milliseconds below which the network explains all.
const NOISE: u64 = 20;

async fn timing(cx: &Cx) -> Result<Verdict, Stop> {
    let known = known(cx)?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        with.push(attempt(cx, &known).await?.millis);
        without.push(attempt(cx, &invented(&known)).await?.millis);
    }
    with.sort_unstable();
    without.sort_unstable();
    let (one, other) = (with[ROUNDS / 2], without[ROUNDS / 2]);
    let numbers = format!("median {one} ms for an account that exists, {other} ms for none, {ROUNDS} attempts each");
    // Every attempt of one kind takes several times as long as any of the other. A password hash that is left out for
    // unknown names does that; a busy machine, which slows both kinds, does not.
    let apart = |slow: &[u64], fast: &[u64]| slow[0] > 3 * fast[ROUNDS - 1] && slow[0] - fast[ROUNDS - 1] > NOISE;
    Ok(if apart(&with, &without) || apart(&without, &with) {
        Verdict::vulnerable(format!(
            "the time of the answer tells accounts that exist from those that do not: {numbers}"
        ))
    } else {
        Verdict::resisted(format!("no difference beyond the noise: {numbers}"))
    })
}
