//! Requests that hostile script in a browser app makes in a hidden frame.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::flow::token::Auth;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("browser-script-token-theft", "framed-native", "A silent request of a public client from a hidden frame",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 10017 section 5.1.3"], run: native),
        case!("browser-script-token-theft", "framed-web", "A silent request of a web client from a hidden frame",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 10017 section 5.1.3"], run: web),
    ]
}

async fn native(cx: &Cx) -> Result<Verdict, Stop> {
    framed(cx, "native").await
}

async fn web(cx: &Cx) -> Result<Verdict, Stop> {
    framed(cx, "web").await
}

/// The script makes the request, so it has the verifier of its code; what it lacks is the client's credentials.
async fn framed(cx: &Cx, role: &str) -> Result<Verdict, Stop> {
    let client = cx.client(role)?;
    let mut person = cx.person();
    cx.walk(&mut person, &cx.request(&client)?, Intent::Allow).await?.code()?;
    let mut request = cx.request(&client)?.set("prompt", "none");
    for (name, value) in
        [("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "cross-site")]
    {
        request.headers.push((name.to_owned(), value.to_owned()));
    }
    let landing = cx.walk(&mut person, &request, Intent::Anonymous).await?;
    let Some(code) = landing.param("code") else {
        return match landing.outcome().as_str() {
            "trouble" => Err(Stop::inconclusive(format!("the framed request came to {}", landing.describe()))),
            "token" => Ok(Verdict::vulnerable("the server gave tokens to a hidden frame")),
            _ => Ok(Verdict::resisted(format!("the frame got {}", landing.describe()))),
        };
    };
    let stolen = cx.redeem(&request, code).auth(Auth::IdOnly).send(cx).await?;
    Ok(if stolen.has_tokens() {
        Verdict::vulnerable("the server gave a hidden frame a code, and tokens to the script that had asked for it")
    } else {
        Verdict::resisted("a code came into the frame, but without the client's credentials script cannot redeem it")
    })
}
