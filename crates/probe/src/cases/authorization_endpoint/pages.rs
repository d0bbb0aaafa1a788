//! Words of a client or of a request on the server's pages.

use url::Url;

use super::content::{self, Content};
use super::hands::at_consent;
use super::headers::forbids_foreign_script;
use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::landing::Landing;
use crate::flow::person::Intent;
use crate::person::Page;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("consent-page-injection", "hostile-name", "A client whose name holds markup and script",
            needs: ["user", "hostile"], features: [], phase: Normal, sections: ["RFC 7591 section 5"], run: hostile_name),
        case!("consent-page-injection", "foreign-content", "What the consent page loads and where it leads",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 7591 section 5"], run: foreign_content),
        case!("redirect-uri-parameter-pollution", "honest-answer", "Every parameter of an honest answer comes once",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.2"], run: honest_answer),
        case!("as-open-redirector", "page-that-leads-away", "The error page leads to the address that was refused",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.11.2"], run: page_that_leads_away),
    ]
}

async fn consent(cx: &Cx, role: &str) -> Result<(Url, String, Content, Landing), Stop> {
    let request = cx.request(&cx.client(role)?)?.set("prompt", "consent");
    let landing = at_consent(cx, &mut cx.person(), &request).await?;
    let (url, html) = (landing.url().clone(), landing.answer().text());
    let content = content::read(&url, &html);
    Ok((url, html, content, landing))
}

async fn hostile_name(cx: &Cx) -> Result<Verdict, Stop> {
    let (url, html, content, landing) = consent(cx, "hostile").await?;
    let (_, honest, usual, _) = consent(cx, "web").await?;
    // Markup of the page's own is on every client's page; markup of the name is on this one's only.
    let count = |html: &str, piece: &str| html.to_ascii_lowercase().matches(piece).count();
    let planted = ["<script>alert(1)", "<img src=x onerror", "<svg onload", "<b>bank</b>"];
    if let Some(piece) = planted.iter().find(|piece| count(&html, piece) > count(&honest, piece)) {
        return Ok(Verdict::vulnerable(format!("the consent page has the client's name as markup ({piece})")));
    }
    if content.script.contains("alert(1)") {
        return Ok(Verdict::vulnerable("the consent page runs script that stands in the client's name"));
    }
    if let Some(running) = content.running.first() {
        return Ok(Verdict::vulnerable(format!(
            "the consent page has a link that runs script ({})",
            first_word(running)
        )));
    }
    // What every client's page loads is the server's own choice, and another matter.
    let foreign = content.foreign(&own(cx, &url));
    if let Some(planted) = foreign.iter().find(|url| !usual.loads.contains(url)) {
        let from = origin(planted);
        return Ok(Verdict::vulnerable(format!(
            "the consent page loads an image or script that the client chose, from {from}"
        )));
    }
    // Read as a person reads it, escaped markup is text.
    let named = Page::read(&url, 200, &html).text.to_ascii_lowercase().contains("<script>alert(1)");
    let policy = if forbids_foreign_script(landing.answer()) {
        "its policy keeps inline script out"
    } else {
        "it has no policy against inline script"
    };
    let shown = if named { "shows the markup as text" } else { "does not show the markup" };
    Ok(Verdict::resisted(format!("the consent page {shown}; {policy}")))
}

fn first_word(text: &str) -> &str {
    text.split(':').next().unwrap_or_default()
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Origins that belong to the target, beside that of the page.
fn own<'a>(cx: &'a Cx, url: &'a Url) -> Vec<&'a Url> {
    [url].into_iter().chain(&cx.target().origins).collect()
}

async fn foreign_content(cx: &Cx) -> Result<Verdict, Stop> {
    let (url, _, content, landing) = consent(cx, "web").await?;
    if let Some(running) = content.running.first() {
        return Ok(Verdict::vulnerable(format!(
            "the consent page has a link that runs script ({})",
            first_word(running)
        )));
    }
    let client = cx.client("web")?;
    let clients = client.redirect_uri()?.parse::<Url>().ok();
    let foreign = content.foreign(&own(cx, &url));
    if let Some(image) =
        foreign.iter().find(|url| clients.as_ref().is_some_and(|client| client.origin() == url.origin()))
    {
        return Ok(Verdict::vulnerable(format!(
            "the consent page loads from the client ({}), which so learns of the visit",
            origin(image)
        )));
    }
    let policy = if forbids_foreign_script(landing.answer()) {
        "a policy that keeps inline script out"
    } else {
        "no policy against inline script"
    };
    Ok(Verdict::resisted(format!("the consent page loads nothing from the client and has {policy}")))
}

async fn honest_answer(cx: &Cx) -> Result<Verdict, Stop> {
    let landing = cx.walk(&mut cx.person(), &cx.request(&cx.client("web")?)?, Intent::Allow).await?;
    landing.code()?;
    let Landing::Away { params, .. } = &landing else {
        return Err(Stop::inconclusive("the honest answer did not reach the client"));
    };
    Ok(match params.0.iter().find(|(name, _)| params.count(name) > 1) {
        Some((name, _)) => Verdict::vulnerable(format!("the server's own answer has {name} more than once")),
        None => Verdict::resisted("every parameter of the answer came once"),
    })
}

/// A page may send the browser on without any `Location`: by a refresh, by script, by a form that sends itself.
async fn page_that_leads_away(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let evil = "https://evil.example/probe";
    for (name, value) in
        [("", ""), ("response_type", "probe-nonsense"), ("prompt", "none"), ("response_mode", "form_post")]
    {
        let mut request = cx.request(&web)?.set("redirect_uri", evil);
        if !name.is_empty() {
            request = request.set(name, value);
        }
        let answer = cx.send(&request.first(cx)?).await?;
        for header in ["location", "refresh"] {
            if let Some(value) =
                answer.header(header).filter(|value| value.to_ascii_lowercase().contains("evil.example"))
            {
                return Ok(Verdict::vulnerable(format!(
                    "the header {header} led to a redirect URI that is not registered: {value}"
                )));
            }
        }
        let page = Page::read(&request.first(cx)?.url, answer.status, &answer.text());
        let is_evil = |url: &Url| url.host_str() == Some("evil.example");
        if page.moves_to.as_ref().is_some_and(is_evil)
            || page.forms.iter().filter_map(|form| form.action.as_ref()).any(is_evil)
        {
            return Ok(Verdict::vulnerable("the error page itself leads to the redirect URI that is not registered"));
        }
    }
    Ok(Verdict::resisted("no page led to the refused address"))
}
