//! More than was granted.

use crate::case;
use crate::case::Case;
use crate::cases::asked::asked_for;
use crate::cx::{Cx, Role};
use crate::person::Intent;
use crate::verdict::{Outcome, Stop, Verdict};

use super::{fresh, refreshed};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("refresh-scope-escalation", "scope-beyond-the-grant", "A scope that the client may have and the person was not asked for",
            needs: ["user", "web"], features: ["openid"], phase: Normal, sections: ["RFC 6749 section 6"], run: beyond),
        case!("refresh-scope-escalation", "invented-scope", "A scope called admin",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 6"], run: invented),
        case!("refresh-scope-escalation", "with-a-code", "A code of another grant in the refresh request",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["RFC 6749 section 3.2", "RFC 6749 section 6"], run: with_code),
        case!("refresh-scope-escalation", "narrowed-then-full", "A smaller scope, then the whole grant again",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 6749 section 6"], run: narrowed),
    ]
}

/// A grant of the smallest scope, its refresh token, and a scope that the client may ask people for and did not.
struct Small {
    client: Role,
    token: String,
    more: String,
}

async fn small_grant(cx: &Cx) -> Result<Small, Stop> {
    let client = cx.client("web")?;
    let scope = client.scope.clone().unwrap_or_default();
    // Without offline_access some servers give no refresh token.
    let (small, more): (Vec<&str>, Vec<&str>) =
        scope.split_whitespace().partition(|word| matches!(*word, "openid" | "offline_access"));
    let few = "clients.web.scope has no scope beside openid and offline_access that could be left out";
    let more = more.first().ok_or_else(|| Stop::inconclusive(few))?;
    let request = cx.request(&client)?.set("scope", small.join(" ")).unset("resource");
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    if tokens.member("scope").is_some_and(|granted| granted.split(' ').any(|word| word == *more)) {
        return Err(Stop::inconclusive(format!("a request for {} was granted {more}, too", small.join(" "))));
    }
    let token = refreshed(cx, &client, tokens.expect("refresh_token")?).await?;
    Ok(Small { client, token, more: (*more).to_owned() })
}

async fn beyond(cx: &Cx) -> Result<Verdict, Stop> {
    let Small { client, token, more } = small_grant(cx).await?;
    let answer = cx.refresh(&client, &token).set("scope", format!("openid {more}")).send(cx).await?;
    asked_for(cx, &client, &answer, &more, "at refresh a scope was added that nobody had granted").await
}

async fn invented(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let token = refreshed(cx, &client, &fresh(cx, &client).await?).await?;
    let scope = format!("{} admin", client.scope.as_deref().unwrap_or_default());
    let answer = cx.refresh(&client, &token).set("scope", scope.trim()).send(cx).await?;
    asked_for(cx, &client, &answer, "admin", "at refresh a scope was added that nobody had granted").await
}

/// The larger grant's code rides along with the smaller grant's refresh token. An unknown parameter may be ignored
/// (RFC 6749 section 3.2), but the tokens must be those of the refresh token's grant.
async fn with_code(cx: &Cx) -> Result<Verdict, Stop> {
    let Small { client, token, more } = small_grant(cx).await?;
    let request = cx.request(&client)?;
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let refresh = cx.refresh(&client, &token).set("code", landing.code()?).set("code_verifier", &request.verifier);
    let answer = refresh.set("redirect_uri", client.redirect_uri()?).send(cx).await?;
    asked_for(cx, &client, &answer, &more, "a code in the refresh request brought the rights of the code's grant").await
}

/// A smaller scope gives a smaller token, and the next refresh may use the whole grant again.
async fn narrowed(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let whole = client.scope.clone().unwrap_or_default();
    let Some((dropped, kept)) = whole
        .split_whitespace()
        .collect::<Vec<_>>()
        .split_last()
        .map(|(last, rest)| ((*last).to_owned(), rest.join(" ")))
    else {
        return Err(Stop::inconclusive("the target file names no `clients.web.scope`"));
    };
    if kept.is_empty() {
        return Err(Stop::NotApplicable("the web client has a single scope, so there is no smaller one".into()));
    }
    let token = refreshed(cx, &client, &fresh(cx, &client).await?).await?;
    let answer = cx.refresh(&client, &token).set("scope", &kept).send(cx).await?;
    let next = super::next(&answer, &token);
    let verdict =
        asked_for(cx, &client, &answer, &dropped, "a refresh for a smaller scope brought the larger one").await?;
    if verdict.outcome == Outcome::Resisted {
        cx.refresh(&client, &next).send(cx).await?.expect("access_token")?;
    }
    Ok(verdict)
}
