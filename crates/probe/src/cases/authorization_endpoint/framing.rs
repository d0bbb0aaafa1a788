//! Pages inside frames of foreign pages.

use super::headers::forbids_foreign_frames;
use super::tour;
use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::landing::Landing;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("clickjacking", "headers", "Every page that a browser can reach, by its headers",
            needs: ["user", "web"], features: [], phase: Normal, sections: [], run: headers),
        case!("clickjacking", "framed-request", "A request that says that it comes from a frame",
            needs: ["user", "web"], features: [], phase: Normal, sections: [], run: framed_request),
    ]
}

async fn headers(cx: &Cx) -> Result<Verdict, Stop> {
    let seen = tour::tour(cx).await?;
    if let Some(open) = seen.iter().find(|page| !forbids_foreign_frames(&page.answer)) {
        return Ok(Verdict::vulnerable(format!("{} may be shown in a frame of a foreign page", open.name)));
    }
    let names: Vec<&str> = seen.iter().map(|page| page.name).collect();
    Ok(Verdict::resisted(format!("foreign frames are forbidden for {}", names.join(", "))))
}

/// What a browser says of itself when it loads a frame must not open more than the headers do.
async fn framed_request(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let mut person = cx.person();
    let honest = cx.request(&web)?.set("prompt", "consent");
    let landing = cx.walk(&mut person, &honest, Intent::Stop).await?;
    if landing.outcome() != "consent-page" {
        return Err(Stop::inconclusive(format!("no consent page was reached, but {}", landing.describe())));
    }
    let mut framed = cx.request(&web)?.set("prompt", "consent");
    for (name, value) in
        [("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "cross-site")]
    {
        framed.headers.push((name.to_owned(), value.to_owned()));
    }
    let landing = cx.walk(&mut person, &framed, Intent::Stop).await?;
    Ok(match &landing {
        Landing::Page { answer, .. } if landing.outcome() != "consent-page" || forbids_foreign_frames(answer) => {
            Verdict::resisted(format!("in a frame the server's answer was {}", landing.describe()))
        }
        Landing::Page { .. } => Verdict::vulnerable("the consent page came into a frame and did not forbid it"),
        Landing::Away { .. } if landing.param("error").is_some() => {
            Verdict::resisted(format!("in a frame the server's answer was {}", landing.describe()))
        }
        Landing::Away { .. } => Verdict::vulnerable("a framed request with prompt=consent was answered without a page"),
    })
}
