use crate::cx::Cx;
use crate::verdict::{Stop, Verdict};

pub(super) async fn introspection(cx: &Cx) -> Result<Verdict, Stop> {
    let owner = cx.client("web")?;
    let token = cx.honest_tokens(&owner).await?;
    let token = token.expect("access_token")?;
    // Who may ask differs from server to server: the API, or the client itself.
    let mut control = None;
    for role in ["api", "web"] {
        let Ok(asker) = cx.client(role) else { continue };
        if cx.introspect(&asker, token).send(cx).await?.outcome() == "active" {
            control = Some(role);
        }
    }
    let Some(asker) = control else {
        return Err(Stop::inconclusive("nobody in the target file may ask about the web client's token"));
    };
    let answer = cx.introspect(&cx.client("other")?, token).send(cx).await?;
    match (answer.outcome().as_str(), answer.member("client_id")) {
        ("active", Some(named)) if named == owner.client_id => Ok(Verdict::resisted(
            "another client is told that the token is active, and that it belongs to the web client",
        )),
        ("active", _) => {
            Ok(Verdict::vulnerable("another client is told that the token is active, but not whose it is"))
        }
        ("trouble", _) => Err(Stop::inconclusive("the server was in trouble when another client asked")),
        (outcome, _) => Ok(Verdict::resisted(format!(
            "{asker} is told that the token is active, and another client gets {outcome}"
        ))),
    }
}
