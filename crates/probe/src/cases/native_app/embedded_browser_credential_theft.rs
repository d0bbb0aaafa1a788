use url::Url;

use crate::cx::Cx;
use crate::flow::authorize::AuthorizationRequest;
use crate::http::{Answer, Request};
use crate::person::Page;
use crate::person::page::ControlKind;
use crate::verdict::{Stop, Verdict};

const BROWSER: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";

const WEB_VIEWS: [(&str, &str); 2] = [
    (
        "Android's web view",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
    ),
    (
        "iOS's web view",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    ),
];

/// Opens the page with this browser's name on every request.
async fn open(cx: &Cx, request: &AuthorizationRequest, agent: &str) -> Result<(Url, Answer), Stop> {
    let mut person = cx.stranger();
    let mut next = request.first(cx)?;
    for _ in 0..10 {
        let at = next.url.clone();
        let answer = cx.browse(&mut person, next.header("User-Agent", agent)).await?;
        let to =
            answer.header("location").filter(|_| (300..400).contains(&answer.status)).and_then(|to| at.join(to).ok());
        match to.filter(|to| cx.http.is_inside(to)) {
            Some(to) => next = Request::get("redirect", to),
            None => return Ok((at, answer)),
        }
    }
    Err(Stop::inconclusive("the way to the sign-in page has no end"))
}

fn asks_for_password(at: &Url, answer: &Answer) -> bool {
    let page = Page::read(at, answer.status, &answer.text());
    page.forms
        .iter()
        .any(|form| form.controls.iter().any(|control| control.kind == ControlKind::Password && control.visible))
}

pub(super) async fn web_views(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let (at, answer) = open(cx, &cx.request(&client)?, BROWSER).await?;
    if !asks_for_password(&at, &answer) {
        return Err(Stop::inconclusive(
            "a real browser got no page with a password field first, so there is nothing to compare",
        ));
    }
    for (what, agent) in WEB_VIEWS {
        let (at, answer) = open(cx, &cx.request(&client)?, agent).await?;
        if asks_for_password(&at, &answer) {
            return Ok(Verdict::vulnerable(format!(
                "{what}, which says that it is one, got a page that asks for the password"
            )));
        }
    }
    Ok(Verdict::resisted("browsers that say that they are embedded got no password field"))
}
