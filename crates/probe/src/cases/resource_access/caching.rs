//! Whether caches may keep what a token protects.

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Reception, open_doors, reception, usual_tokens};
use crate::cases::token_endpoint::is_offered;
use crate::cx::Cx;
use crate::http::{Answer, Request};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![case!("leak-in-http-proxies", "kept-for-the-next", "What protected answers allow caches to do",
        needs: ["user", "web"], features: [], phase: Normal,
        sections: ["RFC 9111 section 3.5", "RFC 6750 section 5.3"], run: kept)]
}

/// Whether a shared cache may keep the answer although the request carried `Authorization` (RFC 9111 section 3.5).
fn is_shared(answer: &Answer) -> bool {
    is_offered(answer)
        && answer.all("cache-control").any(|value| {
            let value = value.to_ascii_lowercase();
            ["public", "s-maxage", "must-revalidate"].iter().any(|word| value.contains(word))
        })
}

async fn kept(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let token = tokens.expect("access_token")?;
    for door in open_doors(cx, token).await? {
        let answer = door.knock(cx, token).await?;
        if is_shared(&answer) {
            return Ok(Verdict::vulnerable(format!("{} lets shared caches keep what only a token opens", door.name)));
        }
        if is_offered(&answer) && !answer.all("vary").any(|value| value.to_ascii_lowercase().contains("authorization"))
        {
            let says = "asks to be kept, and does not say that it depends on Authorization";
            return Ok(Verdict::vulnerable(format!("the answer of {} {says}", door.name)));
        }
        // The same address without a token, right after: whoever kept the answer would give it away here.
        let mut bare = Request::get("the same without a token", door.url().clone());
        door.method().clone_into(&mut bare.method);
        if reception(&cx.send(&bare).await?) == Reception::Accepted {
            return Ok(Verdict::vulnerable(format!("{} answers without any token", door.name)));
        }
    }
    Ok(Verdict::resisted("protected answers may not be kept for others, and without a token there are none"))
}
