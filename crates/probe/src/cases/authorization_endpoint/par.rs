//! Pushed authorization requests (RFC 9126).

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, Role};
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::landing::Landing;
use crate::flow::person::Intent;
use crate::flow::token::{Auth, BackAnswer, BackRequest};
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("par-request-uri-abuse", "other-client", "The handle of one client used by another",
            needs: ["user", "web", "other"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 2.2"], run: other_client),
        case!("par-request-uri-abuse", "used-again", "The handle used again after its request was answered",
            needs: ["user", "web"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 7.3"], run: used_again),
        case!("par-request-uri-abuse", "no-credentials", "A push in the name of a confidential client without its credentials",
            needs: ["user", "web", "other"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 2.1"], run: no_credentials),
        case!("par-request-uri-abuse", "foreign-redirect", "A push with a redirect URI that is not registered",
            needs: ["user", "web"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 2.4"], run: foreign_redirect),
        case!("par-request-uri-abuse", "handle-inside", "A push that names another request",
            needs: ["user", "web"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 2.1"], run: handle_inside),
        case!("par-request-uri-abuse", "guessing", "How many handles there could be, and how long one lives",
            needs: ["user", "web"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 7.1", "RFC 9126 section 2.2"], run: guessing),
        case!("request-object-bypass", "outside-a-pushed-request", "Values outside a pushed request",
            needs: ["user", "web"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 4"], run: outside),
    ]
}

/// The push of this request, as its client would send it.
fn push(cx: &Cx, request: &AuthorizationRequest) -> BackRequest {
    let mut push = cx.token(&request.client, "");
    push.endpoint = "pushed_authorization_request_endpoint";
    push.params = request.params.clone();
    push
}

fn handle(answer: &BackAnswer) -> Option<&str> {
    answer.member("request_uri").filter(|_| (200..300).contains(&answer.answer.status))
}

/// Pushes and gives the handle: the control.
async fn pushed(cx: &Cx, request: &AuthorizationRequest) -> Result<String, Stop> {
    let answer = push(cx, request).send(cx).await?;
    let refused = || {
        Stop::inconclusive(format!(
            "the honest push brought no request_uri, but {} (status {})",
            answer.outcome(),
            answer.answer.status
        ))
    };
    Ok(handle(&answer).ok_or_else(refused)?.to_owned())
}

/// An authorization request that names a handle only.
fn by_handle(cx: &Cx, client: &Role, handle: &str) -> Result<AuthorizationRequest, Stop> {
    let mut request = cx.request(client)?;
    let names: Vec<String> =
        request.params.0.iter().map(|(name, _)| name.clone()).filter(|name| name != "client_id").collect();
    names.iter().for_each(|name| request.params.unset(name));
    Ok(request.set("request_uri", handle))
}

async fn follow(cx: &Cx, client: &Role, handle: &str) -> Result<Landing, Stop> {
    cx.walk(&mut cx.person(), &by_handle(cx, client, handle)?, Intent::Allow).await
}

fn trouble(landing: &Landing) -> Result<(), Stop> {
    if landing.outcome() == "trouble" {
        return Err(Stop::inconclusive(format!("the attack came to {}", landing.describe())));
    }
    Ok(())
}

async fn other_client(cx: &Cx) -> Result<Verdict, Stop> {
    let (web, other) = (cx.client("web")?, cx.client("other")?);
    let owned = pushed(cx, &cx.request(&web)?).await?;
    follow(cx, &web, &owned).await?.code()?;
    let owned = pushed(cx, &cx.request(&web)?).await?;
    let stolen = follow(cx, &other, &owned).await?;
    trouble(&stolen)?;
    if matches!(stolen.outcome().as_str(), "code" | "token" | "elsewhere" | "consent-page") {
        return Ok(Verdict::vulnerable("the handle that one client pushed served another"));
    }
    let afterwards = follow(cx, &web, &owned).await?;
    let still = if afterwards.outcome() == "code" {
        "still serves its owner"
    } else {
        "is used up for its owner, who can so be kept out"
    };
    Ok(Verdict::resisted(format!("another client got {}; the handle {still}", stolen.describe())))
}

async fn used_again(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let owned = pushed(cx, &cx.request(&web)?).await?;
    follow(cx, &web, &owned).await?.code()?;
    let again = follow(cx, &web, &owned).await?;
    trouble(&again)?;
    Ok(match again.outcome().as_str() {
        "code" | "token" => Verdict::vulnerable("a handle that had brought a code brought another"),
        _ => Verdict::resisted(format!("used again, the handle came to {}", again.describe())),
    })
}

async fn no_credentials(cx: &Cx) -> Result<Verdict, Stop> {
    let (web, other) = (cx.client("web")?, cx.client("other")?);
    if web.auth_method() == "none" {
        return Err(Stop::inconclusive("the web client of the target file has no credentials of its own"));
    }
    let request = cx.request(&web)?;
    pushed(cx, &request).await?;
    let wrong = Auth::Post(web.client_id.clone(), "probe-wrong".into());
    let foreign = push(cx, &request).as_client(&other).set("client_id", &web.client_id);
    for (what, push) in [
        ("without any credentials", push(cx, &request).auth(Auth::IdOnly)),
        ("with a wrong secret", push(cx, &request).auth(wrong)),
        ("with the credentials of another client", foreign),
    ] {
        let answer = push.send(cx).await?;
        match (handle(&answer), answer.outcome().as_str()) {
            (Some(_), _) => return Ok(Verdict::vulnerable(format!("the server took a push {what}"))),
            (None, "trouble") => return Err(Stop::inconclusive(format!("a push {what} put the server in trouble"))),
            (None, _) => {}
        }
    }
    Ok(Verdict::resisted("every push without the client's own credentials was refused"))
}

async fn foreign_redirect(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    pushed(cx, &cx.request(&web)?).await?;
    let answer = push(cx, &cx.request(&web)?.set("redirect_uri", "https://evil.example/probe")).send(cx).await?;
    let Some(handle) = handle(&answer) else {
        return Ok(Verdict::resisted(format!("the push was refused: {}", answer.outcome())));
    };
    let landing = follow(cx, &web, handle).await?;
    trouble(&landing)?;
    Ok(match landing.outcome().as_str() {
        "elsewhere" => Verdict::vulnerable("the answer went to a redirect URI that was pushed and is not registered"),
        _ => Verdict::resisted(format!("the pushed address was not used: {}", landing.describe())),
    })
}

async fn handle_inside(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let request = cx.request(&web)?;
    let first = pushed(cx, &request).await?;
    for inside in [first.as_str(), "https://evil.example/request"] {
        let answer = push(cx, &request.clone().set("request_uri", inside)).send(cx).await?;
        if handle(&answer).is_some() {
            return Ok(Verdict::vulnerable("the server took a push that names another request"));
        }
    }
    Ok(Verdict::resisted("a push with a request_uri inside was refused"))
}

/// Handles that are looked at.
const HANDLES: usize = 20;

/// Bits of randomness below which guessing is no longer out of reach (RFC 9126 section 7.1, RFC 6749 section 10.10).
const BITS: f64 = 128.0;

async fn guessing(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?;
    let mut handles = Vec::new();
    let mut life = 0;
    for _ in 0..HANDLES {
        let answer = push(cx, &request).send(cx).await?;
        life = answer.json["expires_in"].as_u64().unwrap_or_default();
        handles.push(answer.expect("request_uri")?.to_owned());
    }
    let bits = random_bits(&handles);
    if bits < BITS {
        return Ok(Verdict::vulnerable(format!(
            "{HANDLES} handles differ in so little that there can be about 2^{bits:.0} of them"
        )));
    }
    if life == 0 || life > 600 {
        return Ok(Verdict::vulnerable(format!("a handle lives for {life} seconds, instead of 5 to 600")));
    }
    Ok(Verdict::resisted(format!("handles have room for 2^{bits:.0} values and live for {life} seconds")))
}

/// An upper bound of what is random in these texts: the places that change, by the characters seen there.
fn random_bits(texts: &[String]) -> f64 {
    let rows: Vec<Vec<char>> = texts.iter().map(|text| text.chars().collect()).collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let mut letters: Vec<char> = Vec::new();
    let mut places = 0;
    for place in 0..width {
        let mut column: Vec<char> = rows.iter().filter_map(|row| row.get(place)).copied().collect();
        column.sort_unstable();
        column.dedup();
        // A counter changes its last places only; a random place is seldom the same in so many.
        if column.len() > 2 {
            places += 1;
            letters.extend(column);
        }
    }
    letters.sort_unstable();
    letters.dedup();
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let bits = f64::from(places) * (letters.len().max(1) as f64).log2();
    bits
}

/// What was pushed counts, whatever the browser carries beside the handle.
async fn outside(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let inside = cx.request(&web)?;
    let handle = pushed(cx, &inside).await?;
    follow(cx, &web, &handle).await?.code()?;
    for (name, value) in
        [("state", "probe-outside"), ("redirect_uri", "https://evil.example/probe"), ("response_mode", "fragment")]
    {
        let handle = pushed(cx, &inside).await?;
        let request = by_handle(cx, &web, &handle)?.set(name, value);
        let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
        trouble(&landing)?;
        let fragment = landing.url().fragment().is_some_and(|fragment| fragment.contains("code="));
        if landing.outcome() == "elsewhere" || landing.param("state") == Some("probe-outside") || fragment {
            return Ok(Verdict::vulnerable(format!("{name} outside the pushed request won over what was pushed")));
        }
    }
    let handle = pushed(cx, &inside).await?;
    let weaker = by_handle(cx, &web, &handle)?
        .set("code_challenge", crate::flow::authorize::challenge("probe-outside-verifier-probe-outside-verifier"));
    let landing = cx.walk(&mut cx.person(), &weaker, Intent::Allow).await?;
    if let Some(code) = landing.param("code") {
        let answer = cx
            .redeem(&inside, code)
            .set("code_verifier", "probe-outside-verifier-probe-outside-verifier")
            .send(cx)
            .await?;
        if answer.has_tokens() {
            return Ok(Verdict::vulnerable("a challenge outside the pushed request won over the pushed one"));
        }
    }
    Ok(Verdict::resisted("nothing outside the pushed request counted"))
}

/// Used by [`super::objects`], which needs the same kind of request.
pub(super) fn bare(cx: &Cx, client: &Role) -> Result<AuthorizationRequest, Stop> {
    let mut request = by_handle(cx, client, "")?;
    request.params.unset("request_uri");
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::random_bits;

    #[test]
    fn counters_have_few_bits_and_random_texts_many() {
        let counters: Vec<String> =
            (0..20).map(|number| format!("urn:ietf:params:oauth:request_uri:{number:020}")).collect();
        assert!(random_bits(&counters) < 16.0);
        let random: Vec<String> = (0..20).map(|_| format!("urn:{}", crate::cx::random())).collect();
        assert!(random_bits(&random) > 200.0);
    }
}
