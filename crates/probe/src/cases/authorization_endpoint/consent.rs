//! Consent that nobody gave: forged, sent twice, sent by another browser.

use super::hands::{Taken, at_consent, at_sign_in, take};
use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::landing::Landing;
use crate::flow::person::{Intent, Person};
use crate::http::Request;
use crate::verdict::{Stop, Verdict};
use url::Url;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("consent-forgery", "foreign-form", "The attacker's form sent by the user's browser",
            needs: ["user", "second-user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 10.12"], run: foreign_form),
        case!("consent-forgery", "without-token", "The form without what its page has of its own",
            needs: ["user", "second-user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 10.12"], run: without_token),
        case!("consent-forgery", "replay", "The same form sent twice",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 10.12"], run: replay),
        case!("consent-forgery", "by-get", "The decision in the address of a GET",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9110 section 9.2.1"], run: by_get),
        case!("consent-transaction-swap", "sign-in-link", "The link to the sign-in page finished in another browser",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.7"], run: sign_in_link),
        case!("consent-transaction-swap", "consent-link", "The link to the consent page finished by another user",
            needs: ["user", "second-user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.7"], run: consent_link),
        case!("resource-owner-impersonation", "asked-again", "A program gets past a request for a fresh sign-in",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["OpenID Connect Core 1.0 section 3.1.2.1"], run: asked_again),
        case!("resource-owner-impersonation", "by-program", "A program with a session sends the consent form at once",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6819 section 4.4.1.10"], run: by_program),
    ]
}

/// What a browser reports of a form that a foreign page submits.
const FOREIGN: &str = "https://evil.example";

fn cross_site(request: Request) -> Request {
    request
        .header("Sec-Fetch-Site", "cross-site")
        .header("Sec-Fetch-Mode", "navigate")
        .header("Sec-Fetch-Dest", "document")
}

/// A consent page in this browser, and the form that allows.
async fn consent_form(cx: &Cx, person: &mut Person) -> Result<(Landing, Taken), Stop> {
    let request = cx.request(&cx.client("web")?)?.set("prompt", "consent");
    let page = at_consent(cx, person, &request).await?;
    let form = take(cx, person, &page, Intent::Allow)?;
    Ok((page, form))
}

/// The control: the form, sent as its page sends it, brings a code.
async fn works(cx: &Cx, person: &mut Person) -> Result<Taken, Stop> {
    let (page, form) = consent_form(cx, person).await?;
    let own = page.url().origin().ascii_serialization();
    send(cx, person, form.post("consent, as a person gives it", &own)).await?.code()?;
    Ok(form)
}

async fn send(cx: &Cx, person: &mut Person, request: Request) -> Result<Landing, Stop> {
    let callbacks: Vec<Url> = cx.client("web")?.redirect_uri()?.parse().into_iter().collect();
    cx.walk_from(person, request, &callbacks, Intent::Anonymous).await
}

fn judge(landing: &Landing, says: &str) -> Result<Verdict, Stop> {
    match landing.outcome().as_str() {
        "trouble" => Err(Stop::inconclusive(format!("the forged consent came to {}", landing.describe()))),
        "code" | "token" | "elsewhere" => Ok(Verdict::vulnerable(says)),
        _ => Ok(Verdict::resisted(format!("the forged consent came to {}", landing.describe()))),
    }
}

/// The attacker knows all of his own form, and has the victim's browser send it.
async fn foreign_form(cx: &Cx) -> Result<Verdict, Stop> {
    let mut victim = cx.person();
    works(cx, &mut victim).await?;
    let (_, attackers) = consent_form(cx, &mut cx.second_person()?).await?;
    consent_form(cx, &mut victim).await?;
    let landing = send(cx, &mut victim, cross_site(attackers.post("consent, forged by another site", FOREIGN))).await?;
    judge(&landing, "a form from another user's page, sent by another site, gave consent in the user's browser")
}

/// The attacker knows what is the same on every such page, and leaves out or replaces the rest.
async fn without_token(cx: &Cx) -> Result<Verdict, Stop> {
    let mut victim = cx.person();
    works(cx, &mut victim).await?;
    let (_, attackers) = consent_form(cx, &mut cx.second_person()?).await?;
    let (page, form) = consent_form(cx, &mut victim).await?;
    if form.action != attackers.action {
        return Ok(Verdict::resisted(
            "the address of the form is another for each transaction, so a foreign page cannot name it",
        ));
    }
    let own = form.own_names(&attackers);
    let mut bare = form.clone();
    own.iter().for_each(|name| bare.fields.unset(name));
    let landing = send(cx, &mut victim, cross_site(bare.post("consent, forged without a token", FOREIGN))).await?;
    let verdict = judge(&landing, "a form without anything that only the user's page knows gave consent")?;
    if verdict.outcome == crate::verdict::Outcome::Vulnerable || own.len() < 2 {
        return Ok(verdict);
    }
    // The values that name the transaction may be had otherwise; each of the others alone must not be missed.
    for name in &own {
        let (_, mut form) = consent_form(cx, &mut victim).await?;
        let foreign = attackers.fields.get(name).unwrap_or("probe").to_owned();
        form.fields.set(name, foreign);
        let own_origin = page.url().origin().ascii_serialization();
        let landing = send(cx, &mut victim, form.post("consent with a value of another page", &own_origin)).await?;
        let verdict = judge(&landing, &format!("the form gave consent with another page's {name}"))?;
        if verdict.outcome == crate::verdict::Outcome::Vulnerable {
            return Ok(verdict);
        }
    }
    Ok(verdict)
}

async fn replay(cx: &Cx) -> Result<Verdict, Stop> {
    let mut person = cx.person();
    let form = works(cx, &mut person).await?;
    let own = form.action.origin().ascii_serialization();
    let landing = send(cx, &mut person, form.post("the same consent again", &own)).await?;
    judge(&landing, "a form that had given consent gave it again")
}

async fn by_get(cx: &Cx) -> Result<Verdict, Stop> {
    let mut person = cx.person();
    works(cx, &mut person).await?;
    let (_, form) = consent_form(cx, &mut person).await?;
    let landing = send(cx, &mut person, form.get("consent by GET")).await?;
    judge(&landing, "a link gave consent: the decision was taken from the address of a GET")
}

/// The attacker waits at the sign-in page, and the victim finishes it in a browser of their own.
async fn sign_in_link(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?;
    cx.walk(&mut cx.fresh_person(), &request, Intent::Allow).await?.code()?;
    let (mut attacker, mut victim) = (cx.stranger(), cx.fresh_person());
    let link = at_sign_in(cx, &mut attacker, &request).await?.url().clone();
    let callbacks: Vec<Url> = request.registered().into_iter().collect();
    let finished = cx
        .walk_from(
            &mut victim,
            Request::get("the attacker's link, opened by the user", link.clone()),
            &callbacks,
            Intent::Allow,
        )
        .await?;
    let resumed = cx
        .walk_from(&mut attacker, Request::get("the attacker's browser goes on", link), &callbacks, Intent::Anonymous)
        .await?;
    swapped(&finished, &resumed)
}

/// The attacker is signed in and stops at the consent page, and another user allows there.
async fn consent_link(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?.set("prompt", "consent");
    let (mut attacker, mut victim) = (cx.second_person()?, cx.person());
    works(cx, &mut victim).await?;
    let link = at_consent(cx, &mut attacker, &request).await?.url().clone();
    let callbacks: Vec<Url> = request.registered().into_iter().collect();
    let open = Request::get("the attacker's link, opened by the user", link.clone());
    let finished = cx.walk_from(&mut victim, open, &callbacks, Intent::Allow).await?;
    // The attacker's own account may of course be asked again: only an answer without that is the victim's.
    let resumed = cx
        .walk_from(&mut attacker, Request::get("the attacker's browser goes on", link), &callbacks, Intent::Anonymous)
        .await?;
    swapped(&finished, &resumed)
}

fn swapped(finished: &Landing, resumed: &Landing) -> Result<Verdict, Stop> {
    if resumed.outcome() == "trouble" {
        return Err(Stop::inconclusive(format!("the browser that began came to {}", resumed.describe())));
    }
    if matches!(resumed.outcome().as_str(), "code" | "token" | "elsewhere") {
        return Ok(Verdict::vulnerable(
            "the browser that began got the answer of the user who finished in another browser",
        ));
    }
    // The second browser may begin the same request anew and end with a code of its own: nobody else gets that.
    Ok(Verdict::resisted(format!(
        "the second browser came to {}, the first to {}",
        finished.describe(),
        resumed.describe()
    )))
}

/// A session alone must not do where the client asks for a person who is there now.
async fn asked_again(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let mut person = cx.person();
    cx.walk(&mut person, &cx.request(&web)?, Intent::Allow).await?.code()?;
    let mut words = Vec::new();
    for (name, value) in [("prompt", "login"), ("max_age", "0")] {
        let landing = cx.walk(&mut person, &cx.request(&web)?.set(name, value), Intent::Anonymous).await?;
        match landing.outcome().as_str() {
            "code" | "token" | "consent-page" => {
                return Ok(Verdict::vulnerable(format!(
                    "with {name}={value} the session alone was enough, so that a program gets past where a person was asked for"
                )));
            }
            "trouble" => return Err(Stop::inconclusive(format!("with {name}={value} came {}", landing.describe()))),
            _ => words.push(format!("{name}={value}: {}", landing.outcome())),
        }
    }
    Ok(Verdict::resisted(format!("a fresh sign-in was asked for ({})", words.join(", "))))
}

/// Whether the server lets a program through can be seen; whether it should depends on the scope, and is left to a person.
async fn by_program(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let mut person = cx.person();
    cx.walk(&mut person, &cx.request(&web)?, Intent::Allow).await?.code()?;
    // The session alone, without the form, must not do for a client that asks for consent.
    let silent = cx.walk(&mut person, &cx.request(&web)?.set("prompt", "consent"), Intent::Stop).await?;
    if matches!(silent.outcome().as_str(), "code" | "token") {
        return Ok(Verdict::vulnerable(
            "a session alone gave consent: the page that the client asked for was not shown",
        ));
    }
    let (page, form) = consent_form(cx, &mut person).await?;
    let own = page.url().origin().ascii_serialization();
    let landing = send(cx, &mut person, form.post("consent, given by a program at once", &own)).await?;
    let word = if landing.outcome() == "code" {
        "a program that sent the consent form at once got a code; whether the scope is sensitive and the user is told is to be looked at"
    } else {
        "a program that sent the consent form at once got no code"
    };
    Ok(Verdict::resisted(word))
}
