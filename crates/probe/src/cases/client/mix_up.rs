//! Whether every answer says which server it comes from.

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, Role};
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::landing::Landing;
use crate::forge::decode;
use crate::person::Intent;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("mix-up", "success", "iss in a successful answer, the metadata and the ID token",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9207 section 2"], run: success),
        case!("mix-up", "denial", "iss when the person denies",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 9207 section 2"], run: denial),
        case!("mix-up", "error", "iss in an error about the scope",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9207 section 2"], run: error),
        case!("mix-up", "form-post", "iss in an answer by form_post",
            needs: ["user", "web"], features: ["form-post"], phase: Normal, sections: ["RFC 9207 section 2"], run: form_post),
        case!("mix-up", "fragment", "iss in an answer in the fragment",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9207 section 2"], run: fragment),
        case!("mix-up", "announced", "Whether the metadata announce iss",
            needs: [], features: ["authorization-code"], phase: Normal, sections: ["RFC 9207 section 3"], run: announced),
    ]
}

fn judge(cx: &Cx, landing: &Landing, what: &str) -> Result<Verdict, Stop> {
    let Landing::Away { registered: true, .. } = landing else {
        return Err(Stop::inconclusive(format!("{what} did not go to the client: {}", landing.describe())));
    };
    Ok(match landing.param("iss") {
        None => Verdict::vulnerable(format!("{what} does not say which server it comes from: it has no iss")),
        Some(iss) if iss == cx.target().issuer => {
            Verdict::resisted(format!("{what} carries iss, byte for byte the issuer"))
        }
        Some(iss) => Verdict::vulnerable(format!("{what} names another issuer than the metadata: {iss}")),
    })
}

async fn walked(cx: &Cx, request: &AuthorizationRequest, intent: Intent) -> Result<Landing, Stop> {
    cx.walk(&mut cx.person(), request, intent).await
}

async fn success(cx: &Cx) -> Result<Verdict, Stop> {
    let request = cx.request(&cx.client("web")?)?;
    let landing = walked(cx, &request, Intent::Allow).await?;
    let code = landing.code()?;
    let verdict = judge(cx, &landing, "a successful answer")?;
    let tokens = cx.redeem(&request, code).send(cx).await?;
    tokens.expect("access_token")?;
    let token = tokens.member("id_token").and_then(decode);
    match token.as_ref().and_then(|token| token.claims["iss"].as_str()) {
        Some(iss) if iss != cx.target().issuer => {
            Ok(Verdict::vulnerable(format!("the ID token names another issuer than the metadata: {iss}")))
        }
        _ => Ok(verdict),
    }
}

async fn denial(cx: &Cx) -> Result<Verdict, Stop> {
    let mut request = cx.request(&cx.client("native")?)?;
    if request.params.get("nonce").is_some() {
        request = request.set("prompt", "consent");
    }
    let landing = walked(cx, &request, Intent::Deny).await?;
    expect_error(&landing)?;
    judge(cx, &landing, "a denial")
}

async fn error(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("web")?;
    let request = cx.request(&client)?.set("scope", "no-such-scope");
    let landing = walked(cx, &request, Intent::Allow).await?;
    if landing.outcome() != "code" {
        expect_error(&landing)?;
        return judge(cx, &landing, "an error");
    }
    // The scope was ignored (RFC 6749 section 3.3 allows that): another mistake then.
    let landing = walked(cx, &cx.request(&client)?.set("response_type", "no-such-type"), Intent::Allow).await?;
    expect_error(&landing)?;
    judge(cx, &landing, "an error")
}

fn expect_error(landing: &Landing) -> Result<(), Stop> {
    match landing.outcome().starts_with("error:") {
        true => Ok(()),
        false => Err(Stop::inconclusive(format!("no error came to the client, but {}", landing.describe()))),
    }
}

async fn form_post(cx: &Cx) -> Result<Verdict, Stop> {
    in_mode(cx, &cx.client("web")?, "form_post").await
}

async fn fragment(cx: &Cx) -> Result<Verdict, Stop> {
    in_mode(cx, &cx.client("web")?, "fragment").await
}

async fn in_mode(cx: &Cx, client: &Role, mode: &str) -> Result<Verdict, Stop> {
    let landing = walked(cx, &cx.request(client)?.set("response_mode", mode), Intent::Allow).await?;
    match landing.outcome().as_str() {
        "code" => judge(cx, &landing, &format!("an answer by {mode}")),
        "trouble" => Err(Stop::inconclusive(landing.describe())),
        refused => {
            Err(Stop::NotApplicable(format!("the server does not answer a request for a code by {mode}: {refused}")))
        }
    }
}

async fn announced(cx: &Cx) -> Result<Verdict, Stop> {
    Ok(match cx.metadata("authorization_response_iss_parameter_supported").as_bool() {
        Some(true) => Verdict::resisted("the metadata announce iss, so that clients insist on it"),
        _ => Verdict::vulnerable("the metadata do not announce iss, so clients cannot insist on it"),
    })
}
