//! Requests that cost the server much and the sender little, and an honest request beside them.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::case;
use crate::case::Case;
use crate::cases::honest::is_let_in;
use crate::cx::{Cx, random};
use crate::flow::person::{Intent, Person};
use crate::forge::{Draft, encode};
use crate::http::Request;
use crate::params::Params;
use crate::target::User;
use crate::verdict::{Stop, Verdict};

/// An answer to one costly request may take so long at most.
const LONG: Duration = Duration::from_secs(3);

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("dos-expensive-input", "large-and-deep", "Large, deep and many-membered requests",
            needs: ["web"], features: [], phase: Noisy, sections: ["RFC 9110 section 17.5"], run: large),
        case!("dos-expensive-input", "giant-exponent", "A client assertion under a key with a giant exponent",
            needs: ["web"], features: [], phase: Noisy, sections: ["RFC 7518 section 6.3.1.2"], run: giant_exponent),
        case!("dos-expensive-input", "slow-bodies", "Fifty connections that never finish their request",
            needs: ["web"], features: [], phase: Noisy, sections: ["RFC 9110 section 15.5.9"], run: slow_bodies),
        case!("dos-expensive-input", "many-sign-ins", "Fifty wrong sign-ins at once",
            needs: ["user", "web"], features: [], phase: Noisy, sections: ["RFC 6819 section 5.1.4.2.3"], run: many_sign_ins),
    ]
}

/// The honest request beside: a client authenticates and is let in.
async fn honest(cx: &Cx) -> Result<Duration, Stop> {
    let began = Instant::now();
    is_let_in(cx, &cx.client("web")?).await?;
    Ok(began.elapsed())
}

async fn baseline(cx: &Cx) -> Result<Duration, Stop> {
    let mut times = Vec::new();
    for _ in 0..5 {
        times.push(honest(cx).await?);
    }
    times.sort();
    Ok(times[2])
}

/// Whether an honest request suffered: longer than two seconds and than ten times its usual time.
fn suffered(usual: Duration, now: Duration) -> bool {
    now > Duration::from_secs(2) && now > usual * 10
}

async fn large(cx: &Cx) -> Result<Verdict, Stop> {
    let usual = baseline(cx).await?;
    let attacker = cx.elsewhere();
    let mut slowest = Duration::ZERO;
    for (name, request) in costly_requests(cx)? {
        let began = Instant::now();
        // A server that closes at once has refused; one that says nothing for long has not.
        let result = attacker.send(&request).await;
        let took = began.elapsed();
        slowest = slowest.max(took);
        if took > LONG {
            return Ok(Verdict::vulnerable(format!("{name}: the server was busy with it for {} ms", took.as_millis())));
        }
        if let Ok(answer) = result
            && answer.status >= 500
            && answer.status != 503
        {
            return Err(Stop::inconclusive(format!("{name} came to status {}", answer.status)));
        }
        let beside = honest(cx).await?;
        if suffered(usual, beside) {
            return Ok(Verdict::vulnerable(format!(
                "after {name} an honest request took {} ms instead of {}",
                beside.as_millis(),
                usual.as_millis()
            )));
        }
    }
    Ok(Verdict::resisted(format!(
        "each was answered or dropped within {} ms, honest requests beside them went on",
        slowest.as_millis()
    )))
}

fn costly_requests(cx: &Cx) -> Result<Vec<(&'static str, Request)>, Stop> {
    let web = cx.client("web")?;
    let (authorize, token) = (cx.endpoint("authorization_endpoint")?, cx.endpoint("token_endpoint")?);
    let by_post =
        |name: &str, value: String| cx.request(&web).map(|request| request.by_post().set(name, value).first(cx))?;
    let mut many = cx.request(&web)?.params;
    (0..5000).for_each(|number| many.also(&format!("p{number}"), "x"));
    let deep = format!("{}{}", "{\"a\":".repeat(2000), "1") + &"}".repeat(2000);
    let scopes = (0..10_000).map(|number| format!("s{number}")).collect::<Vec<_>>().join(" ");
    let grant: Params = [("grant_type", "authorization_code"), ("code", &"c".repeat(1_000_000))].into_iter().collect();
    let nested = Draft::new(serde_json::json!({ "alg": "ES256" }), serde_json::Value::Null)
        .with_raw_claims(&deep)
        .with_signature(&[0; 64]);
    let mut all = vec![
        ("a state of a megabyte", by_post("state", "s".repeat(1_000_000))?),
        ("ten thousand scopes", by_post("scope", scopes)?),
        ("five thousand parameters", Request::form("many parameters", authorize, &many)),
        ("claims two thousand deep", by_post("claims", deep)?),
        ("a code of a megabyte", Request::form("a large code", token.clone(), &grant)),
        (
            "a header of 64 KB",
            Request::form("a large header", token, &Params::default()).header("X-Large", "h".repeat(65_536)),
        ),
    ];
    if let Some(url) = cx.find_endpoint("userinfo_endpoint") {
        all.push((
            "a token two thousand deep",
            Request::get("a deep token", url).header("Authorization", format!("Bearer {nested}")),
        ));
    }
    Ok(all)
}

async fn giant_exponent(cx: &Cx) -> Result<Verdict, Stop> {
    let usual = baseline(cx).await?;
    let attacker = cx.elsewhere();
    let web = cx.client("web")?;
    // 8192 bits of exponent: verification with it takes hundreds of times as long as with 65537.
    let (modulus, exponent) = (encode(&[0xff; 512]), encode(&[0xff; 1024]));
    let jwk = serde_json::json!({ "kty": "RSA", "n": modulus, "e": exponent });
    let header = serde_json::json!({ "alg": "RS256", "typ": "dpop+jwt", "jwk": jwk });
    let claims = serde_json::json!({ "htm": "POST", "htu": cx.endpoint("token_endpoint")?.as_str(), "iat": crate::flow::proof::now(), "jti": random() });
    let proof = Draft::new(header, claims).with_signature(&[1; 512]);
    let began = Instant::now();
    let answer = cx
        .token(&web, "authorization_code")
        .set("code", "x")
        .header("DPoP", &proof)
        .set("client_assertion", &proof)
        .send(&attacker)
        .await?;
    let took = began.elapsed();
    if took > LONG || suffered(usual, honest(cx).await?) {
        return Ok(Verdict::vulnerable(format!(
            "a key with an exponent of 8192 bits kept the server busy for {} ms",
            took.as_millis()
        )));
    }
    Ok(Verdict::resisted(format!(
        "a key with an exponent of 8192 bits came to {} within {} ms",
        answer.outcome(),
        took.as_millis()
    )))
}

async fn slow_bodies(cx: &Cx) -> Result<Verdict, Stop> {
    let usual = baseline(cx).await?;
    let token = cx.endpoint("token_endpoint")?;
    let attacker = cx.elsewhere();
    let host = token[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
    let beginning = format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\ngrant_type=",
        token.path()
    );
    let mut held = JoinSet::new();
    for _ in 0..50 {
        let (cx, url, bytes) = (attacker.clone(), token.clone(), beginning.clone().into_bytes());
        held.spawn(async move { drop(cx.raw("a body that never ends", &url, &bytes).await) });
    }
    // Long enough for all to be connected and waiting.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut worst = Duration::ZERO;
    for _ in 0..5 {
        match honest(cx).await {
            Ok(took) => worst = worst.max(took),
            Err(stop) => {
                return Ok(Verdict::vulnerable(format!("fifty slow connections kept an honest request out: {stop}")));
            }
        }
    }
    held.abort_all();
    Ok(if suffered(usual, worst) {
        Verdict::vulnerable(format!(
            "beside fifty slow connections an honest request took {} ms instead of {}",
            worst.as_millis(),
            usual.as_millis()
        ))
    } else {
        Verdict::resisted(format!("beside fifty slow connections an honest request took {} ms", worst.as_millis()))
    })
}

async fn many_sign_ins(cx: &Cx) -> Result<Verdict, Stop> {
    let usual = baseline(cx).await?;
    let web = cx.client("web")?;
    let mut tries = JoinSet::new();
    for number in 0..50 {
        let attacker = cx.elsewhere();
        let request = cx.request(&web)?;
        let user = User { username: format!("nobody{number}"), password: random() };
        let mut stranger = Person { user: Some(user), ..cx.stranger() };
        tries.spawn(async move { drop(attacker.walk(&mut stranger, &request, Intent::Allow).await) });
    }
    let mut worst = Duration::ZERO;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        worst = worst.max(honest(cx).await?);
    }
    while tries.join_next().await.is_some() {}
    Ok(if suffered(usual, worst) {
        Verdict::vulnerable(format!(
            "beside fifty sign-ins an honest token request took {} ms instead of {}",
            worst.as_millis(),
            usual.as_millis()
        ))
    } else {
        Verdict::resisted(format!(
            "beside fifty sign-ins an honest token request took {} ms at most",
            worst.as_millis()
        ))
    })
}
