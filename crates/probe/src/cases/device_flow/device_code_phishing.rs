use super::device::{approve, open, start};
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::person::Page;
use crate::verdict::{Stop, Verdict};

/// Seconds after which a code that was sent around in a message should be worthless.
const LONGEST: u64 = 1800;

pub(super) async fn link(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("device")?;
    let control = start(cx, &client).await?;
    let mut person = cx.fresh_person();
    approve(cx, &mut person, &control).await?;
    control.poll_politely(cx).await?.expect("access_token")?;
    // Signed in and never asked again: the victim whom a link alone could catch.
    let request = cx.request(&cx.client("web")?)?;
    cx.walk(&mut person, &request, Intent::Allow).await?;
    let started = start(cx, &client).await?;
    let Some(link) = &started.link else {
        return Err(Stop::NotApplicable("the server gives no link with the code in it".into()));
    };
    let (at, answer) = open(cx, &mut person, link).await?;
    let after = started.poll_politely(cx).await?;
    if after.has_tokens() {
        return Ok(Verdict::vulnerable(
            "opening the link was enough: nobody pressed a button, and the device has tokens",
        ));
    }
    let page = Page::read(&at, answer.status, &answer.text());
    let letters = |text: &str| text.chars().filter(|sign| sign.is_alphanumeric()).collect::<String>().to_uppercase();
    let filled = page
        .forms
        .iter()
        .flat_map(|form| &form.controls)
        .any(|control| letters(&control.value) == letters(&started.user_code));
    if !filled && !letters(&page.text).contains(&letters(&started.user_code)) {
        return Ok(Verdict::vulnerable(
            "the page behind the link does not show the code, so nobody can compare it with a device",
        ));
    }
    Ok(Verdict::resisted(
        "the link leads to a page with the code on it, and nothing is approved until a button is pressed",
    ))
}

pub(super) async fn lifetime(cx: &Cx) -> Result<Verdict, Stop> {
    let started = start(cx, &cx.client("device")?).await?;
    match started.seconds {
        0 => Err(Stop::inconclusive("the answer has no expires_in, which RFC 8628 section 3.2 requires")),
        seconds if seconds > LONGEST => {
            Ok(Verdict::vulnerable(format!("codes live {seconds} s, time enough to send them around")))
        }
        seconds => Ok(Verdict::resisted(format!("codes live {seconds} s"))),
    }
}
