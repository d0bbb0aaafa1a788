//! Response modes that leave a code where the client does not look.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::landing::{Landing, Mode};
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![case!("response-mode-switching", "fragment", "A code in the fragment for a client that reads the query",
        needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.5"], run: fragment)]
}

/// The mode is allowed for a code; but a code that is stranded there must be worthless without its verifier.
async fn fragment(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let mut person = cx.person();
    cx.walk(&mut person, &cx.request(&web)?, Intent::Allow).await?.code()?;
    let stranding = cx.request(&web)?.set("response_mode", "fragment");
    let landing = cx.walk(&mut person, &stranding, Intent::Allow).await?;
    let stranded = matches!(landing, Landing::Away { mode: Mode::Fragment, .. }) && landing.param("code").is_some();
    if !stranded {
        return match landing.outcome().as_str() {
            "trouble" => {
                Err(Stop::inconclusive(format!("asked for the fragment, the server came to {}", landing.describe())))
            }
            _ => {
                Ok(Verdict::resisted(format!("asked for the fragment, the server's answer was {}", landing.describe())))
            }
        };
    }
    let bare = stranding.unset("code_challenge").unset("code_challenge_method");
    let landing = cx.walk(&mut person, &bare, Intent::Allow).await?;
    Ok(match landing.outcome().as_str() {
        "code" | "token" => Verdict::vulnerable(
            "the server strands a code in the fragment, and one without a challenge at that: whoever finds it can redeem it",
        ),
        _ => Verdict::resisted(
            "the server puts codes into the fragment when asked, but only such as are worthless without their verifier",
        ),
    })
}
