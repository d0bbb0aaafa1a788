//! What came of asking for a scope that must not be had.

use crate::cx::{Cx, Role};
use crate::flow::token::BackAnswer;
use crate::forge::decode;
use crate::verdict::{Stop, Verdict};

/// A request for more than may be had was sent: whether it was had. `found` is the sentence if it was.
///
/// # Errors
/// Inconclusive, if the server was in trouble, or nobody says what the token is good for.
pub(super) async fn asked_for(
    cx: &Cx,
    client: &Role,
    answer: &BackAnswer,
    scope: &str,
    found: &str,
) -> Result<Verdict, Stop> {
    match answer.outcome().as_str() {
        "tokens" => {}
        outcome if answer.is_refused() => {
            return Ok(Verdict::resisted(format!("the request was refused ({outcome})")));
        }
        other => return Err(Stop::inconclusive(format!("the request came to {other}"))),
    }
    let given = given(cx, client, answer).await?;
    let unsaid = || Stop::inconclusive("tokens came, and neither answer, token nor introspection says for which scope");
    Ok(match given.ok_or_else(unsaid)?.split(' ').any(|word| word == scope) {
        true => Verdict::vulnerable(found),
        false => Verdict::resisted(format!("tokens came, but without the scope {scope}")),
    })
}

/// The scope that an access token has. Best told by the token or by introspection: an answer may leave it out only if all
/// was given that was asked for (RFC 6749 section 5.1), which not every server minds.
async fn given(cx: &Cx, client: &Role, answer: &BackAnswer) -> Result<Option<String>, Stop> {
    if let Some(scope) = answer.member("scope") {
        return Ok(Some(scope.to_owned()));
    }
    let token = answer.expect("access_token")?;
    if let Some(scope) = decode(token).and_then(|token| token.claims["scope"].as_str().map(str::to_owned)) {
        return Ok(Some(scope));
    }
    if cx.find_endpoint("introspection_endpoint").is_none() {
        return Ok(None);
    }
    for asker in cx.client("api").into_iter().chain([client.clone()]) {
        let told = cx.introspect(&asker, token).send(cx).await?;
        if told.outcome() == "active" {
            return Ok(Some(told.member("scope").unwrap_or_default().to_owned()));
        }
    }
    Ok(None)
}
