use std::time::{Duration, Instant};

use super::sign_in_form::SignIn;
use crate::cx::{Cx, random};
use crate::flow::person::Intent;
use crate::flow::person::Person;
use crate::target::User;
use crate::verdict::{Stop, Verdict};

/// Tries in a row. NIST SP 800-63B section 5.2.2 allows 100 in all; a server that reacts has done so long before fifty.
const TRIES: u32 = 50;

/// What a row of wrong tries met.
#[derive(Debug, PartialEq, Eq)]
enum Met {
    Nothing,
    Limit(String),
}

/// Watches answers for a limit: a status, a growing delay, or a form that is not the same any more.
struct Watch {
    usual: Option<Duration>,
    page: Option<String>,
}

impl Watch {
    const fn new() -> Self {
        Self { usual: None, page: None }
    }

    fn see(&mut self, number: u32, status: u16, took: Duration, page: &str) -> Met {
        if matches!(status, 403 | 423 | 429 | 503) {
            return Met::Limit(format!("status {status} after {number} tries"));
        }
        let usual = *self.usual.get_or_insert(took);
        if took > Duration::from_secs(1) && took > usual * 4 {
            return Met::Limit(format!("an answer took {} ms after {number} tries", took.as_millis()));
        }
        if self.page.get_or_insert_with(|| page.to_owned()) != page {
            return Met::Limit(format!("another page after {number} tries"));
        }
        Met::Nothing
    }
}

/// The person who loses: the second one if there is one, since the account may be locked afterwards.
fn victim(cx: &Cx) -> Result<User, Stop> {
    cx.target().second_user.clone().map_or_else(|| cx.user().cloned(), Ok)
}

/// The control. A limit that an earlier case ran into is waited for, as a person would.
async fn sign_in_honestly(cx: &Cx, user: &User) -> Result<(), Stop> {
    let mut landing = None;
    for seconds in [0, 2, 8, 20] {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let mut person = Person { user: Some(user.clone()), ..cx.fresh_person() };
        let now = cx.walk(&mut person, &cx.request(&cx.client("web")?)?, Intent::Allow).await?;
        let tired = now.outcome() == "trouble";
        landing = Some(now);
        if !tired {
            break;
        }
    }
    landing.map_or(Ok(()), |landing| landing.code().map(drop))
}

/// One wrong try in a browser of its own. Gives back status, time and what the page says, or that it signed in.
async fn wrong_try(cx: &Cx, username: &str) -> Result<Option<(u16, Duration, String)>, Stop> {
    let mut sign_in = match SignIn::open(cx).await {
        Ok(sign_in) => sign_in,
        // A server that does not even show the page any more has noticed.
        Err(stop) => return Ok(Some((429, Duration::ZERO, stop.to_string()))),
    };
    let form = sign_in.filled(cx, username, &random())?;
    let began = Instant::now();
    let answer = sign_in.send(cx, &form).await?;
    let took = began.elapsed();
    let answer = sign_in.follow(cx, &form.url, answer).await?;
    let page = crate::person::Page::read(&form.url, answer.status, &answer.text());
    let request = cx.request(&cx.client("web")?)?;
    let after = cx.walk(&mut sign_in.person, &request, Intent::Anonymous).await?;
    if matches!(after.outcome().as_str(), "code" | "consent-page") {
        return Ok(None);
    }
    Ok(Some((answer.status, took, page.fingerprint() + &page.alerts.join(" "))))
}

async fn row(cx: &Cx, name_of: impl Fn(u32) -> String) -> Result<Result<Met, Verdict>, Stop> {
    let mut watch = Watch::new();
    for number in 1..=TRIES {
        let Some((status, took, page)) = wrong_try(cx, &name_of(number)).await? else {
            return Ok(Err(Verdict::vulnerable("a wrong password signed somebody in")));
        };
        if let limit @ Met::Limit(_) = watch.see(number, status, took, &page) {
            return Ok(Ok(limit));
        }
    }
    Ok(Ok(Met::Nothing))
}

pub(super) async fn one_name(cx: &Cx) -> Result<Verdict, Stop> {
    let victim = victim(cx)?;
    sign_in_honestly(cx, &victim).await?;
    let name = victim.username.clone();
    match row(cx, |_| name.clone()).await? {
        Err(verdict) => Ok(verdict),
        Ok(Met::Limit(how)) => Ok(Verdict::resisted(format!("the server reacted: {how}"))),
        Ok(Met::Nothing) => {
            let mut person = Person { user: Some(victim), ..cx.fresh_person() };
            let landing = cx.walk(&mut person, &cx.request(&cx.client("web")?)?, Intent::Allow).await?;
            if landing.param("code").is_some() {
                return Ok(Verdict::vulnerable(format!(
                    "{TRIES} wrong passwords met no limit, and the right one was taken after them"
                )));
            }
            Ok(Verdict::resisted(format!("after {TRIES} wrong passwords the right one came to {}", landing.describe())))
        }
    }
}

pub(super) async fn many_names(cx: &Cx) -> Result<Verdict, Stop> {
    sign_in_honestly(cx, cx.user()?).await?;
    match row(cx, |number| format!("nobody-{number}-{}", &random()[..6])).await? {
        Err(verdict) => Ok(verdict),
        Ok(Met::Limit(how)) => Ok(Verdict::resisted(format!("the server reacted: {how}"))),
        Ok(Met::Nothing) => {
            Ok(Verdict::vulnerable(format!("passwords for {TRIES} names from one address met no limit")))
        }
    }
}

pub(super) async fn grant(cx: &Cx) -> Result<Verdict, Stop> {
    let victim = victim(cx)?;
    let client = cx.client("password")?;
    let ask =
        |password: &str| cx.token(&client, "password").set("username", &victim.username).set("password", password);
    ask(&victim.password).send(cx).await?.expect("access_token")?;
    let mut watch = Watch::new();
    for number in 1..=TRIES {
        let began = Instant::now();
        let answer = ask(&random()).send(cx).await?;
        if answer.has_tokens() {
            return Ok(Verdict::vulnerable("a wrong password brought a token"));
        }
        let said = answer.json["error"].to_string();
        if let Met::Limit(how) = watch.see(number, answer.answer.status, began.elapsed(), &said) {
            return Ok(Verdict::resisted(format!("the server reacted: {how}")));
        }
    }
    if ask(&victim.password).send(cx).await?.has_tokens() {
        return Ok(Verdict::vulnerable(format!(
            "{TRIES} wrong passwords met no limit, and the right one was taken after them"
        )));
    }
    Ok(Verdict::resisted(format!("after {TRIES} wrong passwords the right one was refused")))
}

#[cfg(test)]
mod tests {
    use super::{Met, Watch};
    use std::time::Duration;

    #[test]
    fn a_status_a_delay_or_another_page_is_a_limit() {
        let quick = Duration::from_millis(100);
        let mut watch = Watch::new();
        assert_eq!(watch.see(1, 200, quick, "sign in"), Met::Nothing);
        assert_eq!(watch.see(2, 200, quick * 3, "sign in"), Met::Nothing);
        assert_ne!(watch.see(3, 429, quick, "sign in"), Met::Nothing);
        assert_ne!(watch.see(3, 200, quick * 30, "sign in"), Met::Nothing);
        assert_ne!(watch.see(3, 200, quick, "prove that you are no machine"), Met::Nothing);
    }
}
