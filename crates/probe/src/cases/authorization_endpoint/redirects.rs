//! What the redirects after a form make a browser do.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::exchange::Exchange;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("redirect-307", "sign-in-and-consent", "The redirects after the sign-in form and the consent form",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.12"], run: forms),
        case!("redirect-307", "denial", "The redirects after a refusal",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.12"], run: denial),
        case!("redirect-307", "posted-request", "The redirects when the request itself came by POST",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.12"], run: posted_request),
    ]
}

/// Status of the answer, as it stands in the first line.
fn status(exchange: &Exchange) -> u16 {
    exchange.response.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// Judges every redirect that answered a POST.
fn judge(cx: &Cx) -> Result<Verdict, Stop> {
    let recorded = cx.http.recorded();
    let after_post: Vec<&Exchange> = recorded
        .iter()
        .filter(|exchange| exchange.request.starts_with("POST ") && (300..400).contains(&status(exchange)))
        .collect();
    if after_post.is_empty() {
        return Err(Stop::inconclusive("no form of the server was answered by a redirect"));
    }
    if let Some(repeating) = after_post.iter().find(|exchange| matches!(status(exchange), 307 | 308)) {
        return Ok(Verdict::vulnerable(format!(
            "a form was answered with status {}, so that the browser posts it again at the next address",
            status(repeating)
        )));
    }
    let mut seen: Vec<String> = after_post.iter().map(|exchange| status(exchange).to_string()).collect();
    seen.dedup();
    Ok(Verdict::resisted(format!("every redirect after a form had status {}", seen.join(" or "))))
}

async fn forms(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?.set("prompt", "consent");
    cx.walk(&mut cx.fresh_person(), &request, Intent::Allow).await?.code()?;
    judge(cx)
}

async fn denial(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?.set("prompt", "consent");
    let landing = cx.walk(&mut cx.person(), &request, Intent::Deny).await?;
    if !landing.outcome().starts_with("error:") {
        return Err(Stop::inconclusive(format!(
            "a refusal should bring an error to the client, but came to {}",
            landing.describe()
        )));
    }
    if !cx.http.recorded().iter().any(|exchange| exchange.request.starts_with("POST ")) {
        return Err(Stop::NotApplicable("a refusal is a link of the server's page, not a form".into()));
    }
    judge(cx)
}

async fn posted_request(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?.by_post();
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    if landing.outcome() != "code" {
        return Err(Stop::NotApplicable(format!("a request by POST came to {}", landing.describe())));
    }
    judge(cx)
}
