//! Secrets guessed online, over all endpoints that take them.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::case;
use crate::case::Case;
use crate::cases::honest::{is_let_in, lets_in};
use crate::cx::{Cx, Role, random};
use crate::flow::token::{Auth, BackRequest};
use crate::http::Request;
use crate::verdict::{Stop, Verdict};

/// Wrong secrets that are tried at most.
const TRIES: usize = 100;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("client-secret-guessing", "over-all-endpoints", "A hundred wrong secrets, over all endpoints in turn",
            needs: ["other"], features: [], phase: Noisy,
            sections: ["RFC 6749 section 2.3.1"], run: burst),
        case!("client-secret-guessing", "length", "The length of a secret that the server makes",
            needs: [], features: ["registration"], phase: Normal,
            sections: ["RFC 6749 section 10.10"], run: length),
    ]
}

/// One request to each endpoint where the client authenticates, with a wrong secret.
fn wrong(cx: &Cx, client: &Role) -> Vec<BackRequest> {
    let guess = || match client.auth_method() {
        "client_secret_post" => Auth::Post(client.client_id.clone(), random()),
        _ => Auth::Basic(client.client_id.clone(), random()),
    };
    let mut all = vec![cx.token(client, "authorization_code").set("code", "x").auth(guess())];
    if cx.find_endpoint("introspection_endpoint").is_some() {
        all.push(cx.introspect(client, "x").auth(guess()));
    }
    if cx.find_endpoint("revocation_endpoint").is_some() {
        all.push(cx.revoke(client, "x").auth(guess()));
    }
    all
}

async fn burst(cx: &Cx) -> Result<Verdict, Stop> {
    let other = cx.client("other")?;
    let control = is_let_in(cx, &other).await?;
    let attacker = cx.elsewhere();
    let mut times = Vec::new();
    let mut slowed = None;
    'burst: while times.len() < TRIES {
        for request in wrong(cx, &other) {
            let began = Instant::now();
            let answer = request.send_once(&attacker).await?;
            times.push(began.elapsed());
            if matches!(answer.answer.status, 200..300) && answer.outcome() != "inactive" && answer.outcome() != "done"
            {
                return Ok(Verdict::vulnerable("a wrong secret was taken"));
            }
            if answer.answer.status == 429 || has_grown(&times) {
                slowed = Some(times.len());
                break 'burst;
            }
        }
    }
    let Some(after) = slowed else {
        return Ok(Verdict::vulnerable(format!("{} wrong secrets in a row were answered at full speed", times.len())));
    };
    let again = lets_in(&cx.elsewhere(), &other).await?;
    if again == control {
        return Ok(Verdict::resisted(format!(
            "after {after} wrong secrets the server slowed down, and the right one worked from elsewhere"
        )));
    }
    if cx.has_other_sources() {
        return Ok(Verdict::vulnerable(format!(
            "a stranger's {after} wrong secrets keep the client itself out ({again})"
        )));
    }
    Ok(Verdict::resisted(format!("after {after} wrong secrets the server slowed this address down")))
}

/// Whether the last answers took much longer than the first: a delay instead of a refusal.
fn has_grown(times: &[Duration]) -> bool {
    let [first, .., last] = times else { return false };
    times.len() > 10 && *last > Duration::from_millis(400) && *last > *first * 5
}

async fn length(cx: &Cx) -> Result<Verdict, Stop> {
    let redirect = "https://client.example/callback";
    let metadata = json!({ "client_name": "probe", "redirect_uris": [redirect], "token_endpoint_auth_method": "client_secret_basic" });
    let mut request = Request::get("registration", cx.endpoint("registration_endpoint")?)
        .post("application/json", metadata.to_string());
    if let Some(token) = &cx.target().operator.initial_access_token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let answer = cx.send(&request).await?;
    let secret = answer.json()["client_secret"].as_str().map(str::to_owned);
    let secret = secret
        .ok_or_else(|| Stop::inconclusive(format!("the registration brought no secret (status {})", answer.status)))?;
    let bits = bits(&secret);
    Ok(if bits < 128 {
        Verdict::vulnerable(format!("a secret made by the server has at most {bits} bits"))
    } else {
        Verdict::resisted(format!("a secret made by the server has room for {bits} bits"))
    })
}

/// The most that a text of this length and alphabet can hold.
pub(in crate::cases) fn bits(text: &str) -> usize {
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let each = if digits {
        3
    } else if hex {
        4
    } else {
        6
    };
    text.len() * each
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bits, has_grown};

    #[test]
    fn bits_go_by_length_and_alphabet() {
        assert_eq!((bits("12345678"), bits("deadbeef"), bits("abcdwxyz")), (24, 32, 48));
    }

    #[test]
    fn a_delay_counts_once_it_is_long_and_longer_than_before() {
        let mut times = vec![Duration::from_millis(20); 12];
        assert!(!has_grown(&times));
        times.push(Duration::from_millis(900));
        assert!(has_grown(&times));
        assert!(!has_grown(&[Duration::from_millis(900); 12]), "slow from the start");
    }
}
