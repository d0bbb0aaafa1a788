//! What a code is bound to besides the challenge: redirect URI, nonce, client.

use url::Url;

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, Role};
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::token::BackAnswer;
use crate::forge::{Decoded, decode};
use crate::http::jar::is_loopback;
use crate::person::Intent;
use crate::verdict::{Stop, Verdict};

use super::honest_code;

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("code-leak-counterfeit-client", "other-registered-redirect-uri", "The code is redeemed naming another registered redirect URI",
            needs: ["user", "native"], features: [], phase: Normal,
            sections: ["RFC 6749 section 4.1.3", "RFC 8252 section 7.3"], run: other_port),
        case!("code-leak-counterfeit-client", "no-redirect-uri", "The code is redeemed naming no redirect URI",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.3"], run: no_uri),
        case!("code-injection", "without-challenge", "A confidential client's code without a challenge",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 9700 section 2.1.1", "RFC 9700 section 4.5"], run: without_challenge),
        case!("user-session-impersonation", "without-challenge", "A confidential client's code that fits every session",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 9700 section 2.1.1", "RFC 6819 section 4.4.1.6"], run: without_challenge),
        case!("code-injection", "nonce", "Whether the ID token carries the nonce of the code's own request",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.3.7", "RFC 9700 section 4.5.3.2"], run: nonce),
        case!("code-client-mismatch", "id-token-audience", "Whether the ID token names the client of the code",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["OpenID Connect Core section 2", "RFC 6819 section 4.4.1.13"], run: audience),
    ]
}

/// A native client's loopback ports are all registered (RFC 8252 section 7.3), and still one code belongs to one of them.
async fn other_port(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let uri = Url::parse(client.redirect_uri()?).map_err(|error| Stop::inconclusive(error.to_string()))?;
    if uri.scheme() != "http" || !is_loopback(&uri) {
        return Err(Stop::NotApplicable(
            "the native client has no loopback redirect URI, so no other one of it is known".into(),
        ));
    }
    let at = |port: u16| {
        let mut uri = uri.clone();
        // An http URL with a host takes any port.
        let _ = uri.set_port(Some(port));
        uri.to_string()
    };
    let request = cx.request(&client)?.set("redirect_uri", at(40_001));
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    cx.redeem(&request, landing_code(&landing)?).send(cx).await?.expect("access_token")?;
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let answer = cx.redeem(&request, landing_code(&landing)?).set("redirect_uri", at(40_002)).send(cx).await?;
    judge(&answer, "a code that went to one redirect URI of the client was redeemed naming another one")
}

/// The code, also where the port makes the place look unregistered.
fn landing_code(landing: &crate::flow::landing::Landing) -> Result<&str, Stop> {
    landing
        .param("code")
        .ok_or_else(|| Stop::inconclusive(format!("another loopback port came to {}", landing.describe())))
}

/// OAuth 2.1 does without the parameter, because there every code is bound by PKCE. And where a client has one address only,
/// the code can have gone nowhere else. So it counts where a client has several and the code is bound by neither.
async fn no_uri(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let (request, code) = honest_code(cx, &client).await?;
    cx.redeem(&request, &code).send(cx).await?.expect("access_token")?;
    let (request, code) = honest_code(cx, &client).await?;
    let answer = cx.redeem(&request, &code).unset("redirect_uri").send(cx).await?;
    if !answer.has_tokens() {
        return judge(&answer, "");
    }
    let Some((request, code)) = unbound(cx, &client).await? else {
        return Ok(Verdict::resisted("redirect_uri may be left out, but only of codes that are bound by PKCE"));
    };
    let answer = cx.redeem(&request, &code).unset("redirect_uri").unset("code_verifier").send(cx).await?;
    judge(&answer, "a code was redeemed without redirect_uri and without PKCE: it is bound to nothing")
}

/// A request without a challenge and its code; nothing if the server gives none.
async fn unbound(cx: &Cx, client: &Role) -> Result<Option<(AuthorizationRequest, String)>, Stop> {
    let request = cx.request(client)?.unset("code_challenge").unset("code_challenge_method");
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    match landing.outcome().as_str() {
        "code" => Ok(Some((request, landing.code()?.to_owned()))),
        outcome if outcome == "page" || outcome.starts_with("error:") => Ok(None),
        _ => Err(Stop::inconclusive(format!("without a challenge the request came to {}", landing.describe()))),
    }
}

/// The client's credentials are all that such a code needs, whichever session of the client brings it.
async fn without_challenge(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    cx.honest_tokens(&client).await?.expect("access_token")?;
    let Some((request, code)) = unbound(cx, &client).await? else {
        return Ok(Verdict::resisted("a confidential client gets no code without a challenge"));
    };
    let answer = cx.redeem(&request, &code).unset("code_verifier").send(cx).await?;
    judge(
        &answer,
        "a code without a challenge was redeemed by the client's credentials alone: it fits every session of the client",
    )
}

fn judge(answer: &BackAnswer, found: &str) -> Result<Verdict, Stop> {
    match answer.outcome().as_str() {
        "tokens" => Ok(Verdict::vulnerable(found)),
        outcome if answer.is_refused() => Ok(Verdict::resisted(format!("the token request was refused ({outcome})"))),
        other => Err(Stop::inconclusive(format!("the token request came to {other}"))),
    }
}

async fn id_token(cx: &Cx) -> Result<(AuthorizationRequest, Decoded), Stop> {
    let client = cx.client("web")?;
    let request = cx.request(&client)?.set("scope", "openid").unset("resource").set("nonce", crate::cx::random());
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    let token =
        decode(tokens.expect("id_token")?).ok_or_else(|| Stop::inconclusive("the ID token is not a signed JWT"))?;
    Ok((request, token))
}

async fn nonce(cx: &Cx) -> Result<Verdict, Stop> {
    let (request, token) = id_token(cx).await?;
    Ok(match token.claims["nonce"].as_str() {
        None => Verdict::vulnerable("the ID token has no nonce, so a client cannot tell an injected code by it"),
        found if found == request.params.get("nonce") => {
            Verdict::resisted("the ID token carries the nonce of the code's request")
        }
        Some(_) => Verdict::vulnerable("the ID token carries a nonce that is not the one of the code's request"),
    })
}

async fn audience(cx: &Cx) -> Result<Verdict, Stop> {
    let (request, token) = id_token(cx).await?;
    let audience = &token.claims["aud"];
    let id = request.client.client_id.as_str();
    let named = audience == id || audience.as_array().is_some_and(|all| all.iter().any(|one| one == id));
    let alone = audience.as_array().is_none_or(|all| all.len() == 1) || token.claims["azp"] == id;
    Ok(match (named, alone) {
        (true, true) => Verdict::resisted("the ID token names the client that redeemed the code"),
        (true, false) => {
            Verdict::vulnerable("the ID token names several audiences and no azp: it cannot be told whose it is")
        }
        (false, _) => Verdict::vulnerable("the ID token does not name the client that redeemed the code"),
    })
}
