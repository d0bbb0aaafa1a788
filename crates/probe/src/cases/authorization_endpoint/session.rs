//! Sessions that are planted, kept or forced on somebody.

use super::hands::{at_sign_in, is_signed_in, take};
use crate::case;
use crate::case::Case;
use crate::cx::{Cx, random};
use crate::flow::person::{Intent, Person};
use crate::http::Request;
use crate::http::jar::Cookie;
use crate::verdict::{Stop, Verdict};
use url::Url;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("login-session-fixation", "kept-cookies", "Cookies from before the sign-in, copied",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6265 section 8.4"], run: kept_cookies),
        case!("login-session-fixation", "planted-value", "An invented session value, planted before the sign-in",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6265 section 8.4"], run: planted_value),
        case!("login-session-fixation", "second-sign-in", "The session from before another sign-in",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6265 section 8.4"], run: second_sign_in),
        case!("login-session-fixation", "forced-sign-in", "The attacker's sign-in form sent by the user's browser",
            needs: ["user", "second-user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 10.12"], run: forced_sign_in),
        case!("login-session-fixation", "cookie-attributes", "The attributes of the session cookie",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6265 section 4.1.2"], run: cookie_attributes),
        case!("login-session-fixation", "after-logout", "A copied session after the user signed out",
            needs: ["user", "web"], features: ["logout"], phase: Normal, sections: ["OpenID Connect RP-Initiated Logout 1.0 section 2"], run: after_logout),
    ]
}

/// Signs in and shows that it worked; gives the cookies that came or changed with it.
async fn sign_in(cx: &Cx, person: &mut Person) -> Result<Vec<Cookie>, Stop> {
    let before: Vec<Cookie> = person.jar.cookies().to_vec();
    let web = cx.client("web")?;
    cx.walk(person, &cx.request(&web)?, Intent::Allow).await?.code()?;
    if !is_signed_in(cx, person).await? {
        return Err(Stop::inconclusive("the browser that signed in is not signed in afterwards"));
    }
    let new = |cookie: &&Cookie| !before.iter().any(|old| (&old.name, &old.value) == (&cookie.name, &cookie.value));
    Ok(person.jar.cookies().iter().filter(new).cloned().collect())
}

/// The attacker visits the sign-in page, hands its cookies to the victim and keeps a copy.
async fn kept_cookies(cx: &Cx) -> Result<Verdict, Stop> {
    let mut attacker = cx.stranger();
    at_sign_in(cx, &mut attacker, &cx.request(&cx.client("web")?)?).await?;
    let mut victim = cx.fresh_person();
    victim.jar = attacker.jar.clone();
    sign_in(cx, &mut victim).await?;
    judge_copy(cx, attacker, "cookies that were there before the sign-in are signed in after it").await
}

async fn judge_copy(cx: &Cx, mut copy: Person, says: &str) -> Result<Verdict, Stop> {
    Ok(if is_signed_in(cx, &mut copy).await? {
        Verdict::vulnerable(says)
    } else {
        Verdict::resisted("the copied cookies are not signed in")
    })
}

/// The names of the session cookies are learnt from an honest sign-in; then values of the attacker's are in their place.
async fn planted_value(cx: &Cx) -> Result<Verdict, Stop> {
    let cookies = sign_in(cx, &mut cx.fresh_person()).await?;
    let (mut attacker, mut victim) = (cx.stranger(), cx.fresh_person());
    for mut cookie in cookies {
        cookie.value = random();
        attacker.jar.plant(cookie.clone());
        victim.jar.plant(cookie);
    }
    let landing = cx.walk(&mut victim, &cx.request(&cx.client("web")?)?, Intent::Allow).await?;
    if landing.outcome() != "code" {
        return Ok(Verdict::resisted(format!("with planted cookies the sign-in came to {}", landing.describe())));
    }
    judge_copy(cx, attacker, "a session value that the attacker had planted was signed in by the user").await
}

/// Whoever has a copy of the session must lose it when the person signs in anew.
async fn second_sign_in(cx: &Cx) -> Result<Verdict, Stop> {
    let mut person = cx.fresh_person();
    sign_in(cx, &mut person).await?;
    let mut copy = cx.stranger();
    copy.jar = person.jar.clone();
    let again = cx.request(&cx.client("web")?)?.set("prompt", "login");
    cx.walk(&mut person, &again, Intent::Allow).await?.code()?;
    if person.jar.cookies().iter().all(|cookie| copy.jar.cookies().contains(cookie)) {
        return Ok(Verdict::vulnerable(
            "a second sign-in left every cookie as it was, so that a copy of them goes on working",
        ));
    }
    judge_copy(cx, copy, "a copy of the session from before a second sign-in is still signed in").await
}

/// The attacker's form, with the attacker's name and password, sent by the victim's browser.
async fn forced_sign_in(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?;
    let mut control = cx.second_person()?;
    sign_in(cx, &mut control).await?;
    let mut attacker = cx.second_person()?;
    let page = at_sign_in(cx, &mut attacker, &request).await?;
    let form = take(cx, &attacker, &page, Intent::Allow)?;
    if form.fields.0.iter().all(|(_, value)| Some(value) != attacker.user.as_ref().map(|user| &user.password)) {
        return Err(Stop::inconclusive(
            "name and password are asked for on separate pages, which this attack does not follow",
        ));
    }
    let mut victim = cx.stranger();
    at_sign_in(cx, &mut victim, &request).await?;
    let forged =
        form.post("sign-in, forged by another site", "https://evil.example").header("Sec-Fetch-Site", "cross-site");
    let callbacks: Vec<Url> = request.registered().into_iter().collect();
    cx.walk_from(&mut victim, forged, &callbacks, Intent::Anonymous).await?;
    Ok(if is_signed_in(cx, &mut victim).await? {
        Verdict::vulnerable("a form sent by another site signed the user's browser in to the attacker's account")
    } else {
        Verdict::resisted("the forged form signed nobody in")
    })
}

async fn cookie_attributes(cx: &Cx) -> Result<Verdict, Stop> {
    let mut person = cx.fresh_person();
    let new = sign_in(cx, &mut person).await?;
    // Of what came with the sign-in, the session is what signs in alone.
    let mut session = None;
    for cookie in new {
        let mut alone = cx.stranger();
        alone.jar = person.jar.clone();
        alone.jar.plant(Cookie { value: random(), ..cookie.clone() });
        if !is_signed_in(cx, &mut alone).await? {
            session = Some(cookie);
            break;
        }
    }
    let Some(session) = session else { return Err(Stop::inconclusive("no single cookie is the session")) };
    let https = cx.endpoint("authorization_endpoint")?.scheme() == "https";
    let name = &session.name;
    let flaw = [
        (!session.http_only, "can be read by script (no HttpOnly)"),
        (https && !session.secure, "travels in plain text (no Secure)"),
        (
            session.same_site.as_deref() == Some("none"),
            "comes along with every request of foreign sites (SameSite=None)",
        ),
        (session.wide, "is shared with other hosts (Domain)"),
    ];
    if let Some((_, flaw)) = flaw.iter().find(|(there, _)| *there) {
        return Ok(Verdict::vulnerable(format!("the session cookie {name} {flaw}")));
    }
    let prefix = if name.starts_with("__Host-") {
        "it can be set by this host alone"
    } else {
        "a sibling host may still set it (no __Host- prefix)"
    };
    Ok(Verdict::resisted(format!("the session cookie {name} is kept from script and foreign sites; {prefix}")))
}

async fn after_logout(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let request = cx.request(&web)?;
    let mut person = cx.fresh_person();
    let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    let mut copy = cx.stranger();
    copy.jar = person.jar.clone();
    let mut url = cx.endpoint("end_session_endpoint")?;
    url.query_pairs_mut()
        .append_pair("id_token_hint", tokens.expect("id_token")?)
        .append_pair("client_id", &web.client_id);
    cx.walk_from(&mut person, Request::get("the user signs out", url), &[], Intent::Allow).await?;
    if is_signed_in(cx, &mut person).await? {
        return Err(Stop::inconclusive("the user could not be signed out through the pages"));
    }
    judge_copy(cx, copy, "a copy of the session is still signed in after the user signed out").await
}
