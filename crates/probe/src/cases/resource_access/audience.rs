//! For how many places one access token is good, as far as the token itself tells.

use serde_json::Value;

use crate::case;
use crate::case::Case;
use crate::cases::honest::{machine_token, usual_tokens};
use crate::cx::Cx;
use crate::forge::decode;
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("resource-indicator-abuse", "audience-of-a-machine", "The audience of a machine's token",
            needs: ["machine"], features: ["client-credentials", "jwt-access-tokens"], phase: Normal,
            sections: ["RFC 9068 section 3"], run: machine),
        case!("resource-indicator-abuse", "audience-of-a-person", "The audience of a person's token",
            needs: ["user", "web"], features: ["jwt-access-tokens"], phase: Normal,
            sections: ["RFC 9068 section 3"], run: person),
    ]
}

async fn machine(cx: &Cx) -> Result<Verdict, Stop> {
    judge(cx, &machine_token(cx).await?)
}

async fn person(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    judge(cx, tokens.expect("access_token")?)
}

fn judge(cx: &Cx, token: &str) -> Result<Verdict, Stop> {
    let decoded = decode(token)
        .ok_or_else(|| Stop::NotApplicable("this access token is no JWT: its audience cannot be seen".into()))?;
    // The server's own userinfo may stand beside one API: both are named, and it is the issuer that checks there.
    let issuer = cx.target().issuer.trim_end_matches('/');
    let is_api = |audience: &&str| !audience.trim_end_matches('/').starts_with(issuer);
    let audiences: Vec<&str> = match &decoded.claims["aud"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => {
            return Ok(Verdict::vulnerable(
                "the access token names no audience: it is good at every API of the issuer",
            ));
        }
    };
    let apis: Vec<&str> = audiences.into_iter().filter(is_api).collect();
    Ok(match apis.as_slice() {
        [] | [_] => Verdict::resisted("the access token names one audience"),
        many => Verdict::vulnerable(format!("one access token is good at {} APIs", many.len())),
    })
}
