//! Tokens that are bound to a key (RFC 9449): proofs used again, bent, foreign or left out.

use serde_json::{Value, json};
use url::Url;

use crate::case;
use crate::case::Case;
use crate::cases::honest::{Door, Reception, doors, reception};
use crate::cx::{Cx, Role, random};
use crate::flow::person::Intent;
use crate::flow::proof::now;
use crate::flow::token::BackAnswer;
use crate::forge::bent::Bent;
use crate::forge::{Draft, KeyKind, SigningKey, encode, proofs};
use crate::http::{Answer, Request};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("dpop-proof-abuse", "token-endpoint", "Bent and repeated proofs at the token endpoint",
            needs: ["machine"], features: ["dpop", "client-credentials"], phase: Normal,
            sections: ["RFC 9449 section 4.3"], run: at_the_token_endpoint),
        case!("dpop-proof-abuse", "resource", "Bent and repeated proofs at the resource",
            needs: ["user", "web"], features: ["dpop"], phase: Normal,
            sections: ["RFC 9449 section 4.3", "RFC 9449 section 7.1"], run: at_the_resource),
        case!("dpop-proof-abuse", "code-of-another-key", "A code bound by dpop_jkt, redeemed under another key",
            needs: ["user", "web"], features: ["dpop"], phase: Normal, sections: ["RFC 9449 section 10"], run: code_of_another_key),
        case!("dpop-proof-abuse", "nonce-left-out", "A proof without a nonce, after the server gave one",
            needs: ["machine"], features: ["dpop", "client-credentials"], phase: Normal,
            sections: ["RFC 9449 section 11.3"], run: nonce_left_out),
        case!("resource-request-replay", "the-same-twice", "One request with its proof, sent twice",
            needs: ["user", "web"], features: ["dpop"], phase: Normal, sections: ["RFC 9449 section 11.1"], run: replay),
        case!("sender-constraint-not-enforced", "without-the-key", "A bound token without a proof or with a foreign one",
            needs: ["user", "web"], features: ["dpop"], phase: Normal,
            sections: ["RFC 9449 section 7.1", "RFC 9449 section 7.2"], run: without_the_key),
    ]
}

/// Signs proofs, and remembers the nonce that the server asked for last.
struct Prover {
    key: SigningKey,
    nonce: Option<String>,
}

impl Prover {
    fn new() -> Result<Self, Stop> {
        Ok(Self { key: SigningKey::generate(KeyKind::P256)?, nonce: None })
    }

    fn draft(&self, method: &str, url: &Url, token: Option<&str>) -> Draft {
        let draft = proofs::dpop_proof(&self.key, method, url.as_str(), token, now());
        match &self.nonce {
            Some(nonce) => draft.with_claim("nonce", nonce.clone()),
            None => draft,
        }
    }

    fn sign(&self, draft: Draft) -> Result<String, Stop> {
        Ok(draft.sign_as(&self.key, self.key.algorithm())?)
    }

    /// Sends what `make` makes of an honest proof; once more when the server asks for a nonce.
    async fn send<F>(&mut self, cx: &Cx, method: &str, url: &Url, token: Option<&str>, make: F) -> Result<Answer, Stop>
    where
        F: Fn(String) -> Result<Request, Stop>,
    {
        let mut answer = cx.send(&make(self.sign(self.draft(method, url, token))?)?).await?;
        if let Some(nonce) = answer.header("dpop-nonce").map(str::to_owned) {
            let by_header = answer.header("www-authenticate").is_some_and(|value| value.contains("use_dpop_nonce"));
            let asked = by_header || answer.json()["error"] == "use_dpop_nonce";
            self.nonce = Some(nonce);
            if asked {
                answer = cx.send(&make(self.sign(self.draft(method, url, token))?)?).await?;
            }
        }
        Ok(answer)
    }
}

/// A bound token of a person, and the doors that it opens with a proof.
struct Bound {
    prover: Prover,
    token: String,
    doors: Vec<Door>,
}

async fn bound(cx: &Cx) -> Result<Bound, Stop> {
    let mut prover = Prover::new()?;
    let (web, mut person) = (cx.client("web")?, cx.person());
    let request = cx.request(&web)?;
    let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
    let code = landing.code()?.to_owned();
    let url = cx.endpoint("token_endpoint")?;
    let answer =
        prover.send(cx, "POST", &url, None, |proof| cx.redeem(&request, &code).header("DPoP", proof).build(cx)).await?;
    let json = answer.json();
    let tokens = BackAnswer { answer, json };
    let token = tokens.expect("access_token")?.to_owned();
    if !tokens.member("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("dpop")) {
        return Err(Stop::inconclusive("a redemption with a proof brought a token that is not bound"));
    }
    let mut open = Vec::new();
    for door in doors(cx) {
        let answer = prover
            .send(cx, door.method(), door.url(), Some(&token), |proof| Ok(call(&door, "DPoP", &token, Some(&proof))))
            .await?;
        if reception(&answer) == Reception::Accepted {
            open.push(door);
        }
    }
    if open.is_empty() {
        return Err(Stop::inconclusive(
            "neither a protected resource nor userinfo took the bound token with its proof",
        ));
    }
    Ok(Bound { prover, token, doors: open })
}

fn call(door: &Door, scheme: &str, token: &str, proof: Option<&str>) -> Request {
    let mut request = Request::get("call with a bound token", door.url().clone())
        .header("Authorization", format!("{scheme} {token}"));
    door.method().clone_into(&mut request.method);
    match proof {
        Some(proof) => request.header("DPoP", proof),
        None => request,
    }
}

/// Every way to bend a proof that has the right key, or none.
fn bent_proofs(prover: &Prover, honest: &Draft) -> Result<Vec<Bent>, Stop> {
    let (key, now) = (&prover.key, now());
    let sign = |draft: Draft| prover.sign(draft);
    let mut private = honest.header()["jwk"].clone();
    private["d"] = key.private_jwk()?["d"].clone();
    let foreign = SigningKey::generate(KeyKind::P256)?;
    let mut all = vec![
        Bent::new("typ is JWT", sign(honest.clone().with_header("typ", "JWT"))?),
        Bent::new("no typ", sign(honest.clone().without_header("typ"))?),
        Bent::new("alg is none", honest.clone().with_header("alg", "none").unsigned()),
        Bent::new(
            "HS256 keyed with the public key",
            honest.clone().mac("HS256", key.public().jwk().to_string().as_bytes()),
        ),
        Bent::new("no signature", honest.clone().unsigned()),
        Bent::new("signed by another key than its jwk", honest.clone().sign_as(&foreign, "ES256")?),
        Bent::new("a private key in jwk", sign(honest.clone().with_header("jwk", private))?),
        Bent::new("no jwk", sign(honest.clone().without_header("jwk"))?),
        Bent::new("another method in htm", sign(honest.clone().with_claim("htm", "DELETE"))?),
        Bent::new("another address in htu", sign(honest.clone().with_claim("htu", "https://attacker.example/api"))?),
        Bent::new("iat as text", sign(honest.clone().with_claim("iat", now.to_string()))?),
    ];
    for name in ["htm", "htu", "iat", "jti"] {
        all.push(Bent::new(format!("no {name}"), sign(honest.clone().without_claim(name))?));
    }
    if honest.claims().get("ath").is_some() {
        all.push(Bent::new("no ath", sign(honest.clone().without_claim("ath"))?));
        all.push(Bent::new("the ath of another token", sign(honest.clone().with_claim("ath", encode(&[7; 32])))?));
    }
    if honest.claims().get("nonce").is_none() {
        // A nonce of the server shows freshness by itself (RFC 9449 section 4.3, point 11).
        all.push(Bent::new("made an hour ago", sign(honest.clone().with_claim("iat", now - 3600))?));
        all.push(Bent::new("made for the next hour", sign(honest.clone().with_claim("iat", now + 3600))?));
    } else {
        all.push(Bent::new("a nonce that was never given", sign(honest.clone().with_claim("nonce", random()))?));
    }
    Ok(all)
}

async fn at_the_token_endpoint(cx: &Cx) -> Result<Verdict, Stop> {
    let (machine, url) = (cx.client("machine")?, cx.endpoint("token_endpoint")?);
    let mut prover = Prover::new()?;
    let make = |proof: String| cx.client_credentials(&machine).header("DPoP", proof).build(cx);
    let control = prover.send(cx, "POST", &url, None, make).await?.json();
    is_bound(&control)?;
    let used = prover.sign(prover.draft("POST", &url, None))?;
    is_bound(&cx.send(&make(used.clone())?).await?.json())?;
    let mut all = vec![Bent::new("used before", used)];
    for bent in bent_proofs(&prover, &prover.draft("POST", &url, None))? {
        all.push(bent);
    }
    for bent in &all {
        if let Some(finding) = refused_with(cx, &machine, &[&bent.token], &bent.name).await? {
            return Ok(finding);
        }
    }
    let (one, two) = (prover.sign(prover.draft("POST", &url, None))?, prover.sign(prover.draft("POST", &url, None))?);
    if let Some(finding) = refused_with(cx, &machine, &[&one, &two], "there are two of them").await? {
        return Ok(finding);
    }
    Ok(Verdict::resisted(format!("{} bent proofs were refused, honest ones were not", all.len() + 1)))
}

async fn nonce_left_out(cx: &Cx) -> Result<Verdict, Stop> {
    let (machine, url) = (cx.client("machine")?, cx.endpoint("token_endpoint")?);
    let mut prover = Prover::new()?;
    let make = |proof: String| cx.client_credentials(&machine).header("DPoP", proof).build(cx);
    is_bound(&prover.send(cx, "POST", &url, None, make).await?.json())?;
    if prover.nonce.take().is_none() {
        return Err(Stop::NotApplicable("the server gives no nonces: an honest token response brought none".into()));
    }
    let without = prover.sign(prover.draft("POST", &url, None))?;
    let finding = refused_with(cx, &machine, &[&without], "no nonce, after the server gave one").await?;
    Ok(finding.unwrap_or_else(|| Verdict::resisted("once a nonce was given, a proof without one was refused")))
}

fn is_bound(tokens: &Value) -> Result<(), Stop> {
    let bound = tokens["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("dpop"));
    if bound { Ok(()) } else { Err(Stop::inconclusive("a token request with an honest proof brought no bound token")) }
}

async fn refused_with(cx: &Cx, client: &Role, proofs: &[&str], name: &str) -> Result<Option<Verdict>, Stop> {
    let request = proofs.iter().fold(cx.client_credentials(client), |request, proof| request.header("DPoP", *proof));
    let answer = request.send(cx).await?;
    match answer.outcome().as_str() {
        "tokens" => {
            Ok(Some(Verdict::vulnerable(format!("the token endpoint took a DPoP proof with this flaw: {name}"))))
        }
        "trouble" => {
            Err(Stop::inconclusive(format!("a proof with this flaw came to status {}: {name}", answer.answer.status)))
        }
        _ => Ok(None),
    }
}

async fn at_the_resource(cx: &Cx) -> Result<Verdict, Stop> {
    let bound = bound(cx).await?;
    let mut count = 0;
    for door in &bound.doors {
        let honest = bound.prover.draft(door.method(), door.url(), Some(&bound.token));
        for bent in bent_proofs(&bound.prover, &honest)? {
            count += 1;
            let answer = cx.send(&call(door, "DPoP", &bound.token, Some(&bent.token))).await?;
            if let Some(finding) = knocked(door, &answer, &format!("took a DPoP proof with this flaw: {}", bent.name))?
            {
                return Ok(finding);
            }
        }
    }
    Ok(Verdict::resisted(format!("{count} bent proofs were refused, honest ones were not")))
}

fn knocked(door: &Door, answer: &Answer, finding: &str) -> Result<Option<Verdict>, Stop> {
    match reception(answer) {
        Reception::Accepted => Ok(Some(Verdict::vulnerable(format!("{} {finding}", door.name)))),
        Reception::Refused => Ok(None),
        Reception::Trouble => Err(Stop::inconclusive(format!("{} came to status {}", door.name, answer.status))),
    }
}

async fn code_of_another_key(cx: &Cx) -> Result<Verdict, Stop> {
    let (web, url) = (cx.client("web")?, cx.endpoint("token_endpoint")?);
    let mut person = cx.person();
    let (mut own, mut foreign) = (Prover::new()?, Prover::new()?);
    let mut redeemed = Vec::new();
    for prover in [&mut own, &mut foreign] {
        // The second key redeems a code that is bound to a key that nobody shows.
        let jkt = if redeemed.is_empty() {
            prover.key.public().thumbprint()
        } else {
            Prover::new()?.key.public().thumbprint()
        };
        let request = cx.request(&web)?.set("dpop_jkt", jkt);
        let landing = cx.walk(&mut person, &request, Intent::Allow).await?;
        let code = landing.code()?.to_owned();
        let make = |proof| cx.redeem(&request, &code).header("DPoP", proof).build(cx);
        redeemed.push(prover.send(cx, "POST", &url, None, make).await?);
    }
    is_bound(&redeemed[0].json())?;
    let second = &redeemed[1];
    Ok(match reception(second) {
        Reception::Accepted => Verdict::vulnerable("a code that was bound to one key was redeemed under another"),
        Reception::Refused => Verdict::resisted(format!(
            "under the code's own key it worked, under another it came to status {}",
            second.status
        )),
        Reception::Trouble => return Err(Stop::inconclusive(format!("the attack came to status {}", second.status))),
    })
}

async fn replay(cx: &Cx) -> Result<Verdict, Stop> {
    let bound = bound(cx).await?;
    for door in &bound.doors {
        let proof = bound.prover.sign(bound.prover.draft(door.method(), door.url(), Some(&bound.token)))?;
        let request = call(door, "DPoP", &bound.token, Some(&proof));
        if reception(&cx.send(&request).await?) != Reception::Accepted {
            return Err(Stop::inconclusive(format!("{} refused the request the first time", door.name)));
        }
        if let Some(finding) =
            knocked(door, &cx.send(&request).await?, "answered the same request with the same proof twice")?
        {
            return Ok(finding);
        }
    }
    Ok(Verdict::resisted("the second copy of a request was refused"))
}

async fn without_the_key(cx: &Cx) -> Result<Verdict, Stop> {
    let bound = bound(cx).await?;
    let foreign = Prover { key: SigningKey::generate(KeyKind::P256)?, nonce: bound.prover.nonce.clone() };
    for door in &bound.doors {
        let proof = |prover: &Prover| prover.sign(prover.draft(door.method(), door.url(), Some(&bound.token)));
        let other_address = json!(format!("{}/elsewhere", door.url()));
        let elsewhere =
            bound.prover.draft(door.method(), door.url(), Some(&bound.token)).with_claim("htu", other_address);
        let attempts = [
            ("as a bearer token", call(door, "Bearer", &bound.token, None)),
            ("as a bearer token beside a good proof", call(door, "Bearer", &bound.token, Some(&proof(&bound.prover)?))),
            ("without a proof", call(door, "DPoP", &bound.token, None)),
            ("with a proof by another key", call(door, "DPoP", &bound.token, Some(&proof(&foreign)?))),
            (
                "with a proof for another address",
                call(door, "DPoP", &bound.token, Some(&bound.prover.sign(elsewhere)?)),
            ),
        ];
        for (words, request) in attempts {
            if let Some(finding) = knocked(door, &cx.send(&request).await?, &format!("took a bound token {words}"))? {
                return Ok(finding);
            }
        }
    }
    Ok(Verdict::resisted("the bound token was of no use without its key"))
}
