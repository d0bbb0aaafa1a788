//! What pages give away to other origins: by the referrer, by messages, by addresses.

use url::Url;

use crate::case;
use crate::case::Case;
use crate::cases::authorization_endpoint::content;
use crate::cases::authorization_endpoint::headers::{forbids_foreign_script, referrer_tells_all};
use crate::cases::authorization_endpoint::tour;
use crate::cx::Cx;
use crate::flow::landing::{Landing, Mode};
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("credential-leak-via-referrer", "pages", "What the pages load from elsewhere, and what they tell it",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.2.4"], run: pages),
        case!("credential-leak-via-referrer", "redirect", "What the redirect to the client says of its referrer",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.2.4"], run: redirect),
        case!("postmessage-leak", "web-message", "The answer by message to a page that is not the client's",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.17"], run: web_message),
        case!("url-exfiltration-by-proxy-config", "addresses-of-a-flow", "What stands in the addresses of an honest flow",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.3"], run: addresses),
        case!("url-exfiltration-by-proxy-config", "form-post", "The answer in a form, out of every address",
            needs: ["user", "web"], features: ["form-post"], phase: Normal, sections: ["OAuth 2.0 Form Post Response Mode section 2"], run: form_post),
    ]
}

async fn pages(cx: &Cx) -> Result<Verdict, Stop> {
    let seen = tour::tour(cx).await?;
    for page in &seen {
        let content = content::read(&page.url, &page.answer.text());
        let own: Vec<&Url> = [&page.url].into_iter().chain(&cx.target().origins).collect();
        if let Some(foreign) = content.foreign(&own).first() {
            return Ok(Verdict::vulnerable(format!(
                "{} loads from {}, which sees where it is shown",
                page.name,
                foreign.origin().ascii_serialization()
            )));
        }
        if referrer_tells_all(&page.answer) {
            return Ok(Verdict::vulnerable(format!(
                "{} asks browsers to tell other hosts its whole address",
                page.name
            )));
        }
    }
    let silent = seen.iter().all(|page| page.answer.header("referrer-policy").is_some());
    let policy = if silent { "each has a Referrer-Policy" } else { "the browsers' own policy has to do for some" };
    Ok(Verdict::resisted(format!("the pages load nothing from elsewhere, and {policy}")))
}

async fn redirect(cx: &Cx) -> Result<Verdict, Stop> {
    let landing = cx.walk(&mut cx.person(), &cx.request(&cx.client("web")?)?, Intent::Allow).await?;
    landing.code()?;
    if referrer_tells_all(landing.answer()) {
        return Ok(Verdict::vulnerable(
            "the redirect with the code asks browsers to tell other hosts the whole address",
        ));
    }
    Ok(Verdict::resisted(match landing.answer().header("referrer-policy") {
        Some(policy) => format!("the redirect came with Referrer-Policy: {policy}"),
        None => "the redirect leaves the referrer to the browsers' own policy".into(),
    }))
}

/// Modes that hand the answer to the window's opener, under the names that servers know.
const MESSAGE_MODES: &[&str] =
    &["web_message", "postmessage", "okta_post_message", "storagerelay://https/evil.example?id=probe", "opener"];

const EVIL: &str = "https://evil.example";

async fn web_message(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    cx.walk(&mut cx.person(), &cx.request(&web)?, Intent::Allow).await?.code()?;
    let client: Url =
        web.redirect_uri()?.parse().map_err(|_| Stop::inconclusive("the web client's redirect URI is no URL"))?;
    let client = client.origin().ascii_serialization();
    let mut words = Vec::new();
    for mode in MESSAGE_MODES {
        let mut request = cx.request(&web)?.set("response_mode", *mode);
        for name in ["origin", "web_message_origin", "web_message_target", "target_origin"] {
            request = request.set(name, EVIL);
        }
        let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
        if landing.outcome() == "trouble" {
            return Err(Stop::inconclusive(format!("asked for {mode}, the server was in trouble")));
        }
        let script = content::read(landing.url(), &landing.answer().text()).script;
        match posted(&script, &client) {
            Some(Posted::Anyone) => {
                return Ok(Verdict::vulnerable(format!(
                    "with response_mode={mode} the answer is posted to whoever opened the window"
                )));
            }
            Some(Posted::Named) => {
                return Ok(Verdict::vulnerable(format!(
                    "with response_mode={mode} the answer is posted to an origin that the request named"
                )));
            }
            Some(Posted::Client) => words.push(format!("{mode}: to the client's origin only")),
            None => words.push(format!("{mode}: {}", landing.outcome())),
        }
    }
    Ok(Verdict::resisted(format!("no answer was posted to a stranger ({})", words.join(", "))))
}

#[derive(Debug, PartialEq, Eq)]
enum Posted {
    Anyone,
    Client,
    Named,
}

/// To whom a page's script posts a message, as far as it is written out in it.
fn posted(script: &str, client: &str) -> Option<Posted> {
    let (_, call) = script.split_once("postMessage")?;
    let call: String = call.chars().take(4096).filter(|letter| !letter.is_whitespace()).collect();
    // Whatever else the script holds, an address of the attacker's has no business in it.
    if script.contains("evil.example") {
        return Some(Posted::Named);
    }
    if ["\"*\"", "'*'", "`*`"].iter().any(|any| call.contains(any)) || script.contains("\"*\"") {
        return Some(Posted::Anyone);
    }
    script.contains(client).then_some(Posted::Client).or(Some(Posted::Anyone))
}

/// Names of values that must not stand in an address.
const SECRETS: &[&str] = &["access_token", "refresh_token", "id_token", "password", "client_secret", "code_verifier"];

async fn addresses(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let request = cx.request(&web)?.set("prompt", "consent");
    let mut person = cx.fresh_person();
    let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
    landing.code()?;
    let password = cx.user()?.password.clone();
    let mut addresses: Vec<String> = cx.http.recorded().iter().map(|exchange| first_line(&exchange.request)).collect();
    addresses.push(landing.url().to_string());
    for address in &addresses {
        let query = address.split_once(['?', '#']).map_or("", |(_, query)| query);
        if let Some((name, _)) = form_urlencoded::parse(query.replace('#', "&").as_bytes())
            .find(|(name, value)| SECRETS.contains(&name.as_ref()) && !value.is_empty() || *value == password)
        {
            return Ok(Verdict::vulnerable(format!("the {name} stood in an address of the flow")));
        }
    }
    let code = if landing.url().query().is_some_and(|query| query.contains("code=")) {
        "the code, which is worthless without its verifier"
    } else {
        "no code"
    };
    Ok(Verdict::resisted(format!("of the secrets the addresses of the flow held {code}")))
}

fn first_line(request: &str) -> String {
    request.lines().next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned()
}

async fn form_post(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?.set("response_mode", "form_post");
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let code = landing.code()?;
    let Landing::Away { mode, answer, .. } = &landing else {
        return Err(Stop::inconclusive("the answer did not reach the client"));
    };
    if *mode != Mode::FormPost || answer.header("location").is_some_and(|location| location.contains(code)) {
        return Ok(Verdict::vulnerable("asked for form_post, the server put the code into an address all the same"));
    }
    let policy = if forbids_foreign_script(answer) { " under a policy that runs no foreign script" } else { "" };
    Ok(Verdict::resisted(format!("the answer travelled in a form{policy}")))
}

#[cfg(test)]
mod tests {
    use super::{Posted, posted};

    #[test]
    fn the_target_of_a_message_is_read_from_the_script() {
        let client = "https://robot.example";
        for (script, expected) in [
            ("var a = 1", None),
            ("opener.postMessage({code: 'x'}, '*')", Some(Posted::Anyone)),
            ("opener.postMessage(answer, \"https://evil.example\")", Some(Posted::Named)),
            ("opener.postMessage(answer, \"https://robot.example\")", Some(Posted::Client)),
            ("opener.postMessage(answer, event.origin)", Some(Posted::Anyone)),
        ] {
            assert_eq!(posted(script, client), expected, "{script}");
        }
    }
}
