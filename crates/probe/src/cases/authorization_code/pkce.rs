//! Challenges and verifiers that need computing.

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, random};
use crate::flow::authorize::challenge;
use crate::flow::token::Auth;
use crate::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("pkce-downgrade", "no-challenge-then-verifier", "No challenge in the request, a verifier at redemption",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 9700 section 4.8", "RFC 9700 section 2.1.1"], run: ignored_verifier),
        case!("pkce-plain-observed", "metadata", "What the metadata say of methods",
            needs: [], features: [], phase: Normal, sections: ["RFC 8414 section 2", "RFC 9700 section 2.1.1"], run: announced),
        case!("pkce-weak-or-reused-challenge", "short-verifier", "A verifier of 42 characters, and its right challenge",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 7636 section 4.1"], run: short),
        case!("pkce-weak-or-reused-challenge", "long-verifier", "A verifier of 129 characters, and its right challenge",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 7636 section 4.1"], run: long),
        case!("pkce-weak-or-reused-challenge", "verifier-with-other-characters",
            "A verifier with characters that it may not have, and its right challenge",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 7636 section 4.1"], run: strange),
        case!("pkce-weak-or-reused-challenge", "one-letter-verifier", "A verifier of one letter, and its right challenge",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 7636 section 7.1"], run: tiny),
        case!("pkce-weak-or-reused-challenge", "planted-challenge", "A challenge that another flow has just used",
            needs: ["user", "web"], features: [], phase: Normal,
            sections: ["RFC 9700 section 4.5.4", "RFC 9700 section 2.1.1"], run: planted),
    ]
}

async fn ignored_verifier(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    cx.honest_tokens(&client).await?.expect("access_token")?;
    let request = cx.request(&client)?.unset("code_challenge").unset("code_challenge_method");
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    match landing.outcome().as_str() {
        "code" => {}
        "page" => return Ok(Verdict::resisted("no code comes without a challenge")),
        error if error.starts_with("error:") => return Ok(Verdict::resisted("no code comes without a challenge")),
        _ => return Err(Stop::inconclusive(format!("without a challenge the request came to {}", landing.describe()))),
    }
    let answer = cx.redeem(&request, landing.code()?).send(cx).await?;
    match answer {
        answer if answer.has_tokens() => Ok(Verdict::vulnerable(
            "a code without a challenge was redeemed with a verifier: the server does not notice that PKCE was taken out",
        )),
        answer if answer.is_refused() => Ok(Verdict::resisted("a verifier for a code without a challenge was refused")),
        answer => Err(Stop::inconclusive(format!("the redemption came to {}", answer.outcome()))),
    }
}

async fn announced(cx: &Cx) -> Result<Verdict, Stop> {
    let methods = cx.metadata("code_challenge_methods_supported");
    let Some(methods) = methods.as_array() else {
        return Err(Stop::inconclusive("the metadata have no code_challenge_methods_supported"));
    };
    match methods.iter().filter_map(|method| method.as_str()).find(|method| *method != "S256") {
        Some(other) => Ok(Verdict::vulnerable(format!("the metadata offer the method {other} beside S256"))),
        None => Ok(Verdict::resisted("the metadata offer S256 alone")),
    }
}

async fn short(cx: &Cx) -> Result<Verdict, Stop> {
    bad_verifier(cx, &random()[..42], "of 42 characters").await
}

async fn long(cx: &Cx) -> Result<Verdict, Stop> {
    bad_verifier(cx, &format!("{}{}{}", random(), random(), random()), "of 129 characters").await
}

async fn strange(cx: &Cx) -> Result<Verdict, Stop> {
    bad_verifier(cx, &format!("{}+/ é", random()), "with forbidden characters").await
}

async fn tiny(cx: &Cx) -> Result<Verdict, Stop> {
    bad_verifier(cx, "a", "of one letter").await
}

/// The longest verifier that is allowed works, the bad one must not.
async fn bad_verifier(cx: &Cx, verifier: &str, which: &str) -> Result<Verdict, Stop> {
    let longest = format!("{}{}{}", random(), random(), &random()[..42]);
    if !redeemed(cx, &longest).await? {
        return Err(Stop::inconclusive("a good verifier of 128 characters was refused"));
    }
    Ok(match redeemed(cx, verifier).await? {
        true => Verdict::vulnerable(format!("a verifier {which} was accepted")),
        false => Verdict::resisted(format!("a verifier {which} was refused")),
    })
}

/// Whether a flow with this verifier and its right challenge ends in tokens.
async fn redeemed(cx: &Cx, verifier: &str) -> Result<bool, Stop> {
    let client = cx.client("native")?;
    let mut request = cx.request(&client)?.set("code_challenge", challenge(verifier));
    verifier.clone_into(&mut request.verifier);
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let answer = cx.redeem(&request, landing.code()?).auth(Auth::Own).send(cx).await?;
    match answer.outcome().as_str() {
        "tokens" => Ok(true),
        _ if answer.is_refused() => Ok(false),
        other => Err(Stop::inconclusive(format!("the redemption came to {other}"))),
    }
}

/// The attacker's own request carries the challenge first, then the victim's does. To refuse the second stops the attack
/// where the attacker's first request reached the server; to report it is as good, and cannot be seen from here.
async fn planted(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let attacker = cx.request(&client)?;
    cx.walk(&mut cx.fresh_person(), &attacker, Intent::Allow).await?.code()?;
    let planted = attacker.params.get("code_challenge").unwrap_or_default();
    let mut victim = cx.request(&client)?.set("code_challenge", planted);
    victim.verifier.clone_from(&attacker.verifier);
    let landing = cx.walk(&mut cx.person(), &victim, Intent::Allow).await?;
    match landing.outcome().as_str() {
        "code" => Ok(Verdict::resisted(
            "the server takes a challenge twice; whether it tells its operator cannot be seen from outside (see the hint)",
        )),
        "trouble" => Err(Stop::inconclusive(landing.describe())),
        _ => Ok(Verdict::resisted("a challenge that was just used is refused")),
    }
}
