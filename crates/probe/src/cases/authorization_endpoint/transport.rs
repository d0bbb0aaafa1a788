//! What tells the server from a copy of it: TLS, and one name.

use url::Url;

use super::tour;
use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("password-phishing-counterfeit-as", "foreign-host", "The request for another host name",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 9110 section 7.4"], run: foreign_host),
        case!("password-phishing-counterfeit-as", "forwarded-host", "Another host name in the headers of a proxy",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 9110 section 7.4"], run: forwarded_host),
        case!("password-phishing-counterfeit-as", "plain-text", "Pages over TLS only, and for long",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6797 section 6.1", "RFC 6749 section 3.1"], run: plain_text),
    ]
}

/// A name that is nobody's.
const EVIL: &str = "evil.example";

/// Six months, in seconds.
const HALF_A_YEAR: u64 = 15_552_000;

async fn named(cx: &Cx, names: &[(&str, &str)]) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let honest = cx.walk(&mut cx.stranger(), &cx.request(&web)?, Intent::Anonymous).await?;
    if honest.outcome() != "sign-in-page" {
        return Err(Stop::inconclusive(format!(
            "the honest request should come to the sign-in page, but came to {}",
            honest.describe()
        )));
    }
    let mut words = Vec::new();
    for (header, value) in names {
        let request = cx.request(&web)?.first(cx)?.header(header, *value);
        let answer = cx.send(&request).await?;
        let leads = answer.header("location").is_some_and(|location| location.contains(EVIL));
        if leads || answer.text().contains(EVIL) {
            return Ok(Verdict::vulnerable(format!(
                "the server made an address of its own from the {header} header of the request"
            )));
        }
        if let Some(cookie) = answer.all("set-cookie").find(|cookie| cookie.contains(EVIL)) {
            let name = cookie.split('=').next().unwrap_or_default();
            return Ok(Verdict::vulnerable(format!(
                "the server set its cookie {name} for the host that the {header} header named"
            )));
        }
        words.push(format!("{header}: status {}", answer.status));
    }
    Ok(Verdict::resisted(format!("nothing in the answers was made from the foreign name ({})", words.join(", "))))
}

async fn foreign_host(cx: &Cx) -> Result<Verdict, Stop> {
    named(cx, &[("Host", EVIL), ("Host", "evil.example:443"), ("Host", "user@evil.example")]).await
}

async fn forwarded_host(cx: &Cx) -> Result<Verdict, Stop> {
    named(
        cx,
        &[
            ("X-Forwarded-Host", EVIL),
            ("Forwarded", "host=evil.example;proto=https"),
            ("X-Host", EVIL),
            ("X-Original-URL", "https://evil.example/"),
        ],
    )
    .await
}

async fn plain_text(cx: &Cx) -> Result<Verdict, Stop> {
    let endpoint = cx.endpoint("authorization_endpoint")?;
    let issuer = Url::parse(&cx.target().issuer).map_err(|error| Stop::inconclusive(format!("issuer: {error}")))?;
    if issuer.scheme() == "http" && crate::http::jar::is_loopback(&issuer) {
        return Err(Stop::inconclusive(
            "the target is offered over plain http on this machine only, which tells nothing of its transport",
        ));
    }
    if endpoint.scheme() != "https" {
        return Ok(Verdict::vulnerable("the authorization endpoint is announced with plain http"));
    }
    for page in tour::tour(cx).await? {
        if page.url.scheme() != "https" {
            return Ok(Verdict::vulnerable(format!("{} came over plain http", page.name)));
        }
        let age = page.answer.header("strict-transport-security").and_then(max_age);
        match age {
            Some(age) if age >= HALF_A_YEAR => {}
            Some(age) => {
                return Ok(Verdict::vulnerable(format!(
                    "{} asks browsers to stay with TLS for {age} seconds only",
                    page.name
                )));
            }
            None => return Ok(Verdict::vulnerable(format!("{} does not ask browsers to stay with TLS", page.name))),
        }
    }
    Ok(Verdict::resisted("every page came over TLS and asks browsers to stay with it for at least half a year"))
}

fn max_age(header: &str) -> Option<u64> {
    let mut directives = header.split(';').filter_map(|directive| directive.trim().split_once('='));
    let (_, age) = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"))?;
    age.trim().trim_matches('"').parse().ok()
}
