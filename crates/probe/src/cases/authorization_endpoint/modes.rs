//! Response modes that leave a code where the client does not look.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::flow::landing::{Landing, Mode};
use crate::flow::person::Intent;
use crate::flow::token::Auth;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("response-mode-switching", "fragment", "A code in the fragment for a client that reads the query",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 4.5"], run: web),
        case!("response-mode-switching", "fragment-native", "A code in the fragment for a native app",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 9700 section 4.5"], run: native),
    ]
}

async fn web(cx: &Cx) -> Result<Verdict, Stop> {
    fragment(cx, "web").await
}

async fn native(cx: &Cx) -> Result<Verdict, Stop> {
    fragment(cx, "native").await
}

/// The mode is allowed for a code; but a code that is stranded there must be worth nothing to whoever finds it.
async fn fragment(cx: &Cx, role: &str) -> Result<Verdict, Stop> {
    let client = cx.client(role)?;
    let mut person = cx.person();
    cx.walk(&mut person, &cx.request(&client)?, Intent::Allow).await?.code()?;
    let stranding = cx.request(&client)?.set("response_mode", "fragment");
    for request in [stranding.clone().unset("code_challenge").unset("code_challenge_method"), stranding] {
        let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
        if landing.outcome() == "trouble" {
            return Err(Stop::inconclusive(format!(
                "asked for the fragment, the server came to {}",
                landing.describe()
            )));
        }
        let stranded = matches!(landing, Landing::Away { mode: Mode::Fragment, .. });
        let Some(code) = landing.param("code").filter(|_| stranded) else { continue };
        // All that the finder has: the code, and what everybody knows of the client.
        let found = cx.redeem(&request, code).unset("code_verifier").auth(Auth::IdOnly);
        return Ok(if found.send(cx).await?.has_tokens() {
            Verdict::vulnerable("the server strands a code in the fragment, and whoever finds it there can redeem it")
        } else {
            Verdict::resisted("the server puts codes into the fragment when asked, but the finder cannot redeem them")
        });
    }
    Ok(Verdict::resisted("the server puts no code into the fragment"))
}
