use crate::cx::{Cx, Role, random};
use crate::verdict::{Stop, Verdict};

pub(super) async fn right_and_wrong(cx: &Cx) -> Result<Verdict, Stop> {
    let user = cx.user()?.clone();
    let web = cx.client("web")?;
    cx.honest_tokens(&web).await?;
    let ask = async |client: &Role, password: &str| {
        let request = cx.token(client, "password").set("username", &user.username).set("password", password);
        Ok::<_, Stop>(request.send(cx).await?)
    };
    let mut told = Vec::new();
    for client in [Some(web), cx.client("native").ok()].into_iter().flatten() {
        let right = ask(&client, &user.password).await?;
        let wrong = ask(&client, &random()).await?;
        let (right_is, wrong_is) = (right.outcome(), wrong.outcome());
        if right_is == "trouble" || wrong_is == "trouble" {
            return Err(Stop::inconclusive(format!("the token endpoint was in trouble: {right_is}, {wrong_is}")));
        }
        if (&right_is, right.answer.status, &right.json["error_description"])
            != (&wrong_is, wrong.answer.status, &wrong.json["error_description"])
        {
            return Ok(Verdict::vulnerable(format!(
                "the answer to a right password is {right_is}, to a wrong one {wrong_is}"
            )));
        }
        told.push(right_is);
    }
    Ok(Verdict::resisted(format!("a right and a wrong password had the same answer: {}", told.join(", "))))
}
