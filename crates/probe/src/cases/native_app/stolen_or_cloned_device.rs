use crate::cx::Cx;
use crate::flow::person::Intent;
use crate::verdict::{Stop, Verdict};

/// The owner refreshes twice, so that no server can take the clone's turn for a lost answer that is asked for again.
pub(super) async fn two_devices(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let request = cx.request(&client)?;
    let landing = cx.walk(&mut cx.fresh_person(), &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    let Some(cloned) = tokens.member("refresh_token").map(str::to_owned) else {
        return Ok(Verdict::resisted("a client without a secret gets no refresh token that could be cloned"));
    };
    let mut own = cloned.clone();
    for _ in 0..2 {
        let answer = cx.refresh(&client, &own).send(cx).await?;
        answer.expect("access_token")?;
        if let Some(next) = answer.member("refresh_token") {
            next.clone_into(&mut own);
        }
    }
    let clone = cx.refresh(&client, &cloned).send(cx).await?;
    if clone.has_tokens() {
        return Ok(Verdict::vulnerable("a second device went on with the refresh token that the first had used"));
    }
    if clone.outcome() == "trouble" {
        return Err(Stop::inconclusive("the server was in trouble when the second device came"));
    }
    let owner = cx.refresh(&client, &own).send(cx).await?;
    if owner.has_tokens() {
        return Ok(Verdict::vulnerable(
            "the second device was refused, but the first went on as if nothing had happened: who is the thief is unknown",
        ));
    }
    Ok(Verdict::resisted("when the second device came, the grant ended for both"))
}
