use crate::cx::Cx;
use crate::verdict::{Stop, Verdict};

pub(super) async fn every_scope(cx: &Cx) -> Result<Verdict, Stop> {
    let user = cx.user()?.clone();
    let client = cx.client("password")?;
    let request = |scope: &str| {
        cx.token(&client, "password")
            .set("username", &user.username)
            .set("password", &user.password)
            .set("scope", scope)
    };
    let own = client.scope.clone().unwrap_or_default();
    request(&own).send(cx).await?.expect("access_token")?;
    let all: Vec<&str> =
        cx.metadata("scopes_supported").as_array().into_iter().flatten().filter_map(|scope| scope.as_str()).collect();
    if all.len() < 2 {
        return Err(Stop::inconclusive("the metadata names fewer than two scopes, so there is no more to ask for"));
    }
    let answer = request(&all.join(" ")).send(cx).await?;
    if !answer.has_tokens() {
        return Ok(Verdict::resisted(format!("every scope at once was answered with {}", answer.outcome())));
    }
    // RFC 6749 section 5.1: no scope in the answer means that all of it was granted.
    let granted: Vec<&str> = answer.member("scope").map_or(all.clone(), |scope| scope.split(' ').collect());
    if all.iter().all(|scope| granted.contains(scope)) {
        return Ok(Verdict::vulnerable(
            "with a password the client got every scope that the server has, and nobody was asked",
        ));
    }
    Ok(Verdict::resisted(format!("of every scope the client got {}", granted.join(" "))))
}
