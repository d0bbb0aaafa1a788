use url::Url;

use super::login::{Login, login, request};
use crate::cx::Cx;
use crate::flow::person::{Intent, Person};
use crate::http::jar::{Cookie, Jar};
use crate::http::{Answer, Request};
use crate::params::Params;
use crate::person::Page;
use crate::person::form::Changes;
use crate::verdict::{Stop, Verdict};

const ATTACKER: &str = "https://attacker.example/signed-out";

/// A login in a browser of its own, so that ending it disturbs nobody.
async fn signed_in(cx: &Cx, person: &mut Person) -> Result<Login, Stop> {
    login(cx, person, &cx.client("web")?).await
}

/// Whether the browser still has a session: a request that may show no page brings a code.
async fn is_alive(cx: &Cx, person: &Person) -> Result<bool, Stop> {
    let silent = request(cx, &cx.client("web")?)?.set("prompt", "none");
    let landing = cx.walk(&mut person.clone(), &silent, Intent::Allow).await?;
    Ok(landing.param("code").is_some())
}

fn logout(cx: &Cx, parameters: &[(&str, &str)]) -> Result<Request, Stop> {
    let mut url = cx.endpoint("end_session_endpoint")?;
    let query: Params = parameters.iter().copied().collect();
    url.set_query(Some(&query.encode()));
    Ok(Request::get("logout request", url))
}

/// What comes of the page that asks: the first button that is not the one that declines.
fn confirm(at: &Url, answer: &Answer) -> Option<Request> {
    let page = Page::read(at, answer.status, &answer.text());
    let form = page.forms.iter().find(|form| form.buttons().next().is_some())?;
    let declines = |label: &str| {
        ["no", "stay", "cancel", "abort"]
            .iter()
            .any(|word| label.to_lowercase().split(|sign: char| !sign.is_alphanumeric()).any(|found| found == *word))
    };
    let (button, _) = form.buttons().find(|(_, button)| !declines(&button.label))?;
    let sent = form.request(&Changes::default(), Some(button)).ok()?;
    let request = Request::get("the person confirms the logout", sent.url);
    Some(match sent.content_type {
        Some(kind) => request.post(&kind, sent.body),
        None => request,
    })
}

/// Where the browser ends after the logout request, the person confirming what is asked.
async fn follow(cx: &Cx, person: &mut Person, first: Request) -> Result<(Url, Answer), Stop> {
    let mut request = first;
    for _ in 0..10 {
        let answer = cx.browse(person, request.clone()).await?;
        let location = answer.header("location").filter(|_| (300..400).contains(&answer.status));
        let next = match location.and_then(|location| request.url.join(location).ok()) {
            Some(to) if !cx.http.is_inside(&to) => return Ok((to, answer)),
            Some(to) => Some(Request::get("redirect", to)),
            None => confirm(&request.url, &answer),
        };
        match next {
            Some(next) => request = next,
            None => return Ok((request.url, answer)),
        }
    }
    Err(Stop::inconclusive("the logout led through ten redirects and pages without an end"))
}

/// Sends what a page of another site makes the browser send: without the cookies that stay at home then.
async fn from_foreign_page(cx: &Cx, person: &mut Person, request: Request) -> Result<(), Stop> {
    let at_home: &[&str] = if request.method == "GET" { &["strict"] } else { &["strict", "lax"] };
    let stays = |cookie: &&Cookie| cookie.same_site.as_deref().is_some_and(|site| at_home.contains(&site));
    let mut jar = Jar::default();
    for cookie in person.jar.cookies().iter().filter(|cookie| !stays(cookie)) {
        jar.plant(cookie.clone());
    }
    let mut seen = Person { jar, ..person.clone() };
    let url = request.url.clone();
    let foreign = request.header("Origin", "https://attacker.example").header("Referer", "https://attacker.example/");
    let answer = cx.browse(&mut seen, foreign).await?;
    for line in answer.all("set-cookie") {
        person.jar.store(&url, line);
    }
    Ok(())
}

pub(super) async fn unregistered_address(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let mut person = cx.fresh_person();
    let held = signed_in(cx, &mut person).await?;
    let (_, answer) = follow(cx, &mut person, logout(cx, &[("id_token_hint", &held.compact)])?).await?;
    if answer.status >= 400 {
        return Err(Stop::inconclusive(format!(
            "the honest logout, with a hint and no address, came to status {}",
            answer.status
        )));
    }
    let callback = client.redirect_uri()?.to_owned();
    let below = format!("{callback}/../signed-out");
    for (what, address) in
        [("an address of the attacker", ATTACKER), ("an address next to the client's callback", &below)]
    {
        for named in ["hint", "client", "nobody"] {
            let mut person = cx.fresh_person();
            let held = signed_in(cx, &mut person).await?;
            let mut parameters = vec![("post_logout_redirect_uri", address), ("state", "probe")];
            match named {
                "hint" => parameters.push(("id_token_hint", &held.compact)),
                "client" => parameters.push(("client_id", &client.client_id)),
                _ => {}
            }
            let (end, _) = follow(cx, &mut person, logout(cx, &parameters)?).await?;
            if !cx.http.is_inside(&end) {
                let whose = if named == "nobody" { "no client named" } else { "the client named" };
                return Ok(Verdict::vulnerable(format!("logout led to {what}, with {whose}")));
            }
        }
    }
    Ok(Verdict::resisted("logout led to none of the addresses, and stayed on the server's own pages"))
}

pub(super) async fn without_hint(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    for parameters in [vec![], vec![("client_id", client.client_id.as_str())]] {
        for method in ["GET", "POST"] {
            let mut person = cx.fresh_person();
            signed_in(cx, &mut person).await?;
            if !is_alive(cx, &person).await? {
                return Err(Stop::inconclusive(
                    "prompt=none brings no code with a session, so whether one ended cannot be seen",
                ));
            }
            let mut request = logout(cx, &parameters)?;
            if method == "POST" {
                let body = request.url.query().unwrap_or_default().to_owned();
                request.url.set_query(None);
                request = request.post("application/x-www-form-urlencoded", body);
            }
            from_foreign_page(cx, &mut person, request).await?;
            if !is_alive(cx, &person).await? {
                return Ok(Verdict::vulnerable(format!(
                    "a {method} from a foreign page ended the session without asking"
                )));
            }
        }
    }
    Ok(Verdict::resisted("the session lived on after each, so the person is asked first"))
}

pub(super) async fn foreign_hint(cx: &Cx) -> Result<Verdict, Stop> {
    let theirs = login(cx, &mut cx.second_person()?, &cx.client("web")?).await?;
    let mut person = cx.fresh_person();
    signed_in(cx, &mut person).await?;
    if !is_alive(cx, &person).await? {
        return Err(Stop::inconclusive(
            "prompt=none brings no code with a session, so whether one ended cannot be seen",
        ));
    }
    cx.browse(&mut person, logout(cx, &[("id_token_hint", &theirs.compact)])?).await?;
    if is_alive(cx, &person).await? {
        Ok(Verdict::resisted("with somebody else's ID token the session was not ended unasked"))
    } else {
        Ok(Verdict::vulnerable("somebody else's ID token ended the session without asking"))
    }
}
