//! A walk past every page of the server that a browser can reach.

use url::Url;

use crate::cx::Cx;
use crate::flow::landing::{Landing, Stopped};
use crate::flow::person::Intent;
use crate::http::{Answer, Request};
use crate::verdict::Stop;

/// A page that was reached.
pub(crate) struct Seen {
    /// What it is, for a sentence.
    pub(crate) name: &'static str,
    /// Its address.
    pub(crate) url: Url,
    /// As it came.
    pub(crate) answer: Answer,
    /// The cookies with which it came.
    pub(crate) cookies: Option<String>,
}

/// The sign-in page, the consent page, error pages with and without a session, and the form that posts the answer where the
/// server knows that mode.
///
/// # Errors
/// Inconclusive, if there is no sign-in page or no consent page to be seen.
pub(crate) async fn tour(cx: &Cx) -> Result<Vec<Seen>, Stop> {
    let web = cx.client("web")?;
    let mut seen = Vec::new();

    let mut stranger = cx.stranger();
    let landing = cx.walk(&mut stranger, &cx.request(&web)?, Intent::Anonymous).await?;
    let Landing::Page { stopped: Stopped::SignIn, url, answer, .. } = &landing else {
        return Err(Stop::inconclusive(format!("no sign-in page was reached, but {}", landing.describe())));
    };
    seen.push(Seen {
        name: "the sign-in page",
        url: url.clone(),
        answer: answer.clone(),
        cookies: stranger.jar.header(url),
    });

    let mut person = cx.person();
    let asking = cx.request(&web)?.set("prompt", "consent");
    let landing = cx.walk(&mut person, &asking, Intent::Stop).await?;
    let Landing::Page { stopped: Stopped::Consent, url, answer, .. } = &landing else {
        return Err(Stop::inconclusive(format!("no consent page was reached, but {}", landing.describe())));
    };
    seen.push(Seen {
        name: "the consent page",
        url: url.clone(),
        answer: answer.clone(),
        cookies: person.jar.header(url),
    });

    for (name, cookies) in [("the error page", None), ("the error page with a session", Some(&person.jar))] {
        let bad = cx.request(&web)?.set("client_id", "probe-nobody").first(cx)?;
        let cookies = cookies.and_then(|jar| jar.header(&bad.url));
        let request = match &cookies {
            Some(cookies) => Request { what: name.to_owned(), ..bad.clone() }.header("Cookie", cookies),
            None => Request { what: name.to_owned(), ..bad.clone() },
        };
        let answer = cx.send(&request).await?;
        if answer.is_html() {
            seen.push(Seen { name, url: bad.url, answer, cookies });
        }
    }

    let posted = cx.walk(&mut person, &cx.request(&web)?.set("response_mode", "form_post"), Intent::Allow).await?;
    if let (Landing::Away { answer, .. }, Some(_)) = (&posted, posted.param("code"))
        && answer.is_html()
    {
        let url = cx.endpoint("authorization_endpoint")?;
        seen.push(Seen { name: "the page that posts the answer", url, answer: answer.clone(), cookies: None });
    }
    Ok(seen)
}
