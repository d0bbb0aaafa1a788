//! A chain of refresh tokens: second users of it, and its end.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::verdict::{Stop, Verdict};

use super::{fresh, refreshed};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("refresh-token-replay", "confidential-client", "A spent refresh token of a confidential client",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 9700 section 4.14.2", "RFC 6819 section 5.2.2.3"], run: confidential),
        case!("refresh-phishing-counterfeit-as", "relayed-token-of-a-public-client",
            "The false server refreshes, and then the client itself",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 9700 section 4.14.2"], run: relayed),
        case!("refresh-token-replay", "end-date", "Whether each refresh moves the end of the grant",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 9700 section 4.14.2"], run: end_date),
    ]
}

/// A confidential client's tokens are bound to its credentials, so they need not be replaced; those that are replaced must
/// be over.
async fn confidential(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let first = fresh(cx, &client).await?;
    let second = refreshed(cx, &client, &first).await?;
    if second == first {
        return Ok(Verdict::resisted("the token is not replaced, and it needs the client's credentials"));
    }
    let third = refreshed(cx, &client, &second).await?;
    if cx.refresh(&client, &first).send(cx).await?.has_tokens() {
        return Ok(Verdict::vulnerable(
            "a refresh token that was replaced works again although its successors are in use",
        ));
    }
    if cx.refresh(&client, &third).send(cx).await?.has_tokens() {
        return Ok(Verdict::vulnerable("a spent refresh token came back, and the newest one still works"));
    }
    Ok(Verdict::resisted("the return of a spent token was refused and ended the newest one"))
}

/// The false server uses what it caught until its successors are in use; then the client comes with what it has.
async fn relayed(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let caught = fresh(cx, &client).await?;
    let second = refreshed(cx, &client, &caught).await?;
    let third = refreshed(cx, &client, &second).await?;
    if cx.refresh(&client, &caught).send(cx).await?.has_tokens() {
        return Ok(Verdict::vulnerable(
            "the false server and the client both go on with a token of a public client, and nothing shows it",
        ));
    }
    if cx.refresh(&client, &third).send(cx).await?.has_tokens() {
        return Ok(Verdict::vulnerable(
            "the client's return with the caught token did not end what the false server has made of it",
        ));
    }
    Ok(Verdict::resisted("the client's return with the caught token ended what the false server had made of it"))
}

/// Seconds until the refresh token ends, where an answer tells.
async fn end_date(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let tells = |json: &serde_json::Value| {
        let found = ["refresh_token_expires_in", "refresh_expires_in"].iter().find_map(|name| json[*name].as_i64());
        found.filter(|seconds| *seconds > 0)
    };
    let first = cx.honest_tokens(&client).await?;
    let Some(before) = tells(&first.json) else {
        return Err(Stop::NotApplicable("the server's token answers do not tell when a refresh token ends".into()));
    };
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let second = cx.refresh(&client, first.expect("refresh_token")?).send(cx).await?;
    second.expect("access_token")?;
    Ok(match tells(&second.json) {
        Some(after) if after < before => {
            Verdict::resisted(format!("{before} s were left, and {after} s three seconds later"))
        }
        Some(after) => Verdict::vulnerable(format!(
            "{before} s were left, and {after} s three seconds later: a stolen chain never ends"
        )),
        None => Verdict::resisted("the refreshed token tells no end of its own"),
    })
}
