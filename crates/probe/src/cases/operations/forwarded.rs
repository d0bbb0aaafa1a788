//! Headers that only a proxy may set, set by the attacker.

use std::time::Instant;

use data_encoding::BASE64;
use url::Url;

use crate::case;
use crate::case::Case;
use crate::cases::honest::machine_token;
use crate::cx::{Cx, random};
use crate::flow::token::Auth;
use crate::forge::{KeyKind, SigningKey};
use crate::http::{Answer, Request};
use crate::verdict::{Stop, Verdict};

/// Stands for the attacker's host; found in an answer, it shows that the server believed it.
const MARK: &str = "marker.attacker.example";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("forwarded-header-forgery", "host", "A false host in each header that proxies use",
            needs: ["web"], features: [], phase: Normal, sections: ["RFC 7239 section 8.1"], run: host),
        case!("forwarded-header-forgery", "unknown-host", "A Host that is not the server's",
            needs: [], features: [], phase: Normal, sections: ["RFC 9110 section 7.4"], run: unknown_host),
        case!("forwarded-header-forgery", "certificate", "A client certificate in a header, instead of a secret",
            needs: ["machine"], features: ["client-credentials"], phase: Normal,
            sections: ["RFC 9440 section 4", "RFC 8705 section 7.4"], run: certificate),
        case!("forwarded-header-forgery", "address", "Wrong secrets that claim another address each time",
            needs: ["other"], features: [], phase: Noisy, sections: ["RFC 7239 section 8.1"], run: address),
    ]
}

const HOST_HEADERS: &[(&str, &str)] = &[
    ("X-Forwarded-Host", MARK),
    ("X-Forwarded-Server", MARK),
    ("X-Host", MARK),
    ("X-Original-Host", MARK),
    ("X-HTTP-Host-Override", MARK),
    ("Forwarded", "for=203.0.113.9;host=marker.attacker.example;proto=https"),
    ("X-Forwarded-Prefix", "/marker.attacker.example"),
    ("X-Forwarded-Proto", "marker.attacker.example"),
    ("X-Original-URL", "/marker.attacker.example"),
    ("X-Rewrite-URL", "/marker.attacker.example"),
];

/// Public documents, and pages and answers that hold addresses of the server.
fn pages(cx: &Cx) -> Result<Vec<(&'static str, Request)>, Stop> {
    let issuer = Url::parse(&cx.target().issuer).map_err(|error| Stop::inconclusive(format!("the issuer: {error}")))?;
    let base = issuer.as_str().trim_end_matches('/');
    let document =
        |path: &str| Url::parse(&format!("{base}{path}")).map_err(|error| Stop::inconclusive(error.to_string()));
    let web = cx.client("web")?;
    let mut pages = vec![
        ("the OpenID metadata", Request::get("metadata", document("/.well-known/openid-configuration")?)),
        (
            "the OAuth metadata",
            Request::get("metadata", issuer.join("/.well-known/oauth-authorization-server").unwrap_or(issuer.clone())),
        ),
        ("the authorization endpoint", cx.request(&web)?.first(cx)?),
        ("an error page", cx.request(&web)?.set("client_id", random()).first(cx)?),
        ("the token endpoint", cx.token(&web, "authorization_code").set("code", "x").build(cx)?),
    ];
    if let Some(url) = cx.find_endpoint("userinfo_endpoint") {
        pages.push(("userinfo", Request::get("userinfo without a token", url)));
    }
    Ok(pages)
}

fn has_mark(answer: &Answer) -> bool {
    answer.text().contains(MARK) || answer.headers.iter().any(|(_, value)| value.contains(MARK))
}

async fn host(cx: &Cx) -> Result<Verdict, Stop> {
    let mut count = 0;
    for (page, plain) in pages(cx)? {
        for (name, value) in HOST_HEADERS {
            let answer = cx.send(&plain.clone().header(name, *value)).await?;
            count += 1;
            if has_mark(&answer) {
                let cached = has_mark(&cx.send(&plain).await?);
                let kept = if cached { ", and it stays there for the next one who asks" } else { "" };
                return Ok(Verdict::vulnerable(format!("{page} holds the host of a forged {name}{kept}")));
            }
        }
        if has_mark(&cx.send(&plain).await?) {
            return Ok(Verdict::vulnerable(format!("{page} keeps a host that somebody forged before")));
        }
    }
    Ok(Verdict::resisted(format!("none of {count} answers held the forged host, nor did plain ones after them")))
}

async fn unknown_host(cx: &Cx) -> Result<Verdict, Stop> {
    let issuer = Url::parse(&cx.target().issuer).map_err(|error| Stop::inconclusive(format!("the issuer: {error}")))?;
    let base = issuer.as_str().trim_end_matches('/');
    let url = Url::parse(&format!("{base}/.well-known/openid-configuration"))
        .map_err(|error| Stop::inconclusive(error.to_string()))?;
    let answer = cx.send(&Request::get("metadata under another host", url).header("Host", MARK)).await?;
    Ok(if has_mark(&answer) {
        Verdict::vulnerable("the metadata is written for whatever Host the request names")
    } else {
        Verdict::resisted(format!("the metadata does not follow a forged Host (status {})", answer.status))
    })
}

async fn certificate(cx: &Cx) -> Result<Verdict, Stop> {
    machine_token(cx).await?;
    let machine = cx.client("machine")?;
    // Any certificate would do for a server that believes the header; this is only its key.
    let spki = BASE64.encode(&SigningKey::generate(KeyKind::P256)?.public().spki_der());
    let pem = format!("-----BEGIN%20CERTIFICATE-----%0A{spki}%0A-----END%20CERTIFICATE-----%0A");
    let subject = format!("CN={}", machine.client_id);
    let forms: Vec<(&str, String)> = vec![
        ("Client-Cert", format!(":{spki}:")),
        ("X-Client-Cert", pem.clone()),
        ("X-SSL-Client-Cert", pem.clone()),
        ("X-SSL-Cert", pem.clone()),
        ("SSL_CLIENT_CERT", pem.clone()),
        ("X-Forwarded-Client-Cert", format!("Subject=\"{subject}\";URI=;Cert=\"{pem}\"")),
        ("X-SSL-Client-S-DN", subject.clone()),
        ("X-SSL-Client-Verify", "SUCCESS".into()),
        ("X-ARR-ClientCert", spki.clone()),
    ];
    let every = forms
        .iter()
        .fold(cx.client_credentials(&machine).auth(Auth::IdOnly), |request, (name, value)| request.header(name, value));
    let mut attempts: Vec<_> = forms
        .iter()
        .map(|(name, value)| (*name, cx.client_credentials(&machine).auth(Auth::IdOnly).header(name, value)))
        .collect();
    attempts.push(("all of these headers", every));
    let mut source = cx.elsewhere();
    for (number, (name, request)) in attempts.iter().enumerate() {
        if number % 4 == 3 {
            source = cx.elsewhere();
        }
        let answer = request.send(&source).await?;
        if answer.has_tokens() {
            return Ok(Verdict::vulnerable(format!("{name}, written by the client itself, counted as authentication")));
        }
    }
    Ok(Verdict::resisted(format!("{} forms of a forged certificate authenticated nobody", attempts.len())))
}

/// Wrong secrets until the server slows down, at most sixty; each with these further headers.
async fn until_slow(
    cx: &Cx,
    source: &Cx,
    headers: impl Fn(usize) -> Vec<(&'static str, String)>,
) -> Result<Option<usize>, Stop> {
    let other = cx.client("other")?;
    for number in 1..=60 {
        let guess = cx
            .token(&other, "authorization_code")
            .set("code", "x")
            .auth(Auth::Basic(other.client_id.clone(), random()));
        let guess = headers(number).into_iter().fold(guess, |guess, (name, value)| guess.header(name, value));
        let began = Instant::now();
        let status = guess.send_once(source).await?.answer.status;
        if status == 429 || began.elapsed().as_millis() > 900 {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

async fn address(cx: &Cx) -> Result<Verdict, Stop> {
    let Some(usual) = until_slow(cx, &cx.elsewhere(), |_| Vec::new()).await? else {
        return Err(Stop::inconclusive(
            "sixty wrong secrets from one address were not slowed down: there is no limit to get around",
        ));
    };
    let rotating = |number: usize| {
        let address = format!("203.0.113.{number}");
        vec![
            ("X-Forwarded-For", address.clone()),
            ("Forwarded", format!("for={address}")),
            ("X-Real-IP", address.clone()),
            ("True-Client-IP", address.clone()),
            ("CF-Connecting-IP", address),
        ]
    };
    Ok(match until_slow(cx, &cx.elsewhere(), rotating).await? {
        Some(number) => Verdict::resisted(format!(
            "the limit held: after {usual} wrong secrets plainly, after {number} with forged addresses"
        )),
        None => Verdict::vulnerable(format!(
            "with a forged address in each request sixty wrong secrets went unhindered, plainly only {usual}"
        )),
    })
}
