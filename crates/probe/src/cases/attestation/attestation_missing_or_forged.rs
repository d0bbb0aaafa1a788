use serde_json::{Value, json};

use crate::cx::{Cx, Role};
use crate::flow::person::Intent;
use crate::flow::proof::now;
use crate::flow::token::{BackAnswer, BackRequest};
use crate::forge::bent::{algorithm_substitution, edited, key_injection};
use crate::forge::{Draft, KeyKind, SigningKey, decode, random_text};
use crate::verdict::{Stop, Verdict};

/// An app and the one who vouches for it.
struct App {
    client: Role,
    instance: SigningKey,
    attester: SigningKey,
    issuer: String,
    /// What the server wants to see in the next proof.
    challenge: Option<String>,
}

impl App {
    fn of(cx: &Cx) -> Result<Self, Stop> {
        let (client, attester) = (cx.client("attested")?, cx.client("attester")?);
        let (instance, key) = (client.key()?, attester.key()?);
        Ok(Self { client, instance, attester: key, issuer: attester.client_id.clone(), challenge: None })
    }

    fn attestation(&self) -> Draft {
        Draft::new(
            json!({ "typ": "oauth-client-attestation+jwt" }),
            json!({
                "iss": self.issuer, "sub": self.client.client_id, "iat": now(), "exp": now() + 300,
                "cnf": { "jwk": self.instance.public().jwk() },
            }),
        )
    }

    fn proof(&self, cx: &Cx) -> Draft {
        let mut claims =
            json!({ "aud": cx.target().issuer, "iss": self.client.client_id, "iat": now(), "jti": random_text() });
        if let Some(challenge) = &self.challenge {
            claims["challenge"] = json!(challenge);
        }
        Draft::new(json!({ "typ": "oauth-client-attestation-pop+jwt" }), claims)
    }

    /// Sends a request with this attestation, once more if the server first names a challenge.
    async fn send(&mut self, cx: &Cx, request: &BackRequest, attestation: Option<&str>) -> Result<BackAnswer, Stop> {
        let instance = self.client.key()?;
        self.send_with(cx, request, attestation, &instance).await
    }

    async fn send_with(
        &mut self,
        cx: &Cx,
        request: &BackRequest,
        attestation: Option<&str>,
        key: &SigningKey,
    ) -> Result<BackAnswer, Stop> {
        loop {
            let mut request = request.clone();
            if let Some(attestation) = attestation {
                request = request
                    .header("OAuth-Client-Attestation", attestation)
                    .header("OAuth-Client-Attestation-PoP", self.proof(cx).sign(key)?);
            }
            let answer = request.send(cx).await?;
            let named = answer.answer.header("oauth-client-attestation-challenge").map(str::to_owned);
            let again = answer.member("error") == Some("use_attestation_challenge")
                && named.is_some()
                && named != self.challenge;
            if named.is_some() {
                self.challenge = named;
            }
            if !again {
                return Ok(answer);
            }
        }
    }

    /// Every attestation that must not be believed.
    fn forged(&self) -> Result<Vec<(String, String)>, Stop> {
        let genuine = self.attestation().sign(&self.attester)?;
        let decoded =
            decode(&genuine).ok_or_else(|| Stop::inconclusive("the probe's own attestation cannot be read"))?;
        let foreign = SigningKey::generate(KeyKind::P256)?;
        let mut all: Vec<(String, String)> = Vec::new();
        let claims: [(&str, &str, Value); 5] = [
            ("an attestation of another client", "sub", json!("probe-web")),
            ("an attestation that has expired", "exp", json!(now() - 3600)),
            ("an attestation for another key", "cnf", json!({ "jwk": foreign.public().jwk() })),
            ("an attestation without a key", "cnf", json!({})),
            ("an attestation that never expires", "exp", Value::Null),
        ];
        for (what, claim, value) in claims {
            let draft = match value {
                Value::Null => self.attestation().without_claim(claim),
                value => self.attestation().with_claim(claim, value),
            };
            all.push((what.to_owned(), draft.sign(&self.attester)?));
        }
        all.push(("an attestation of an unknown attester".into(), self.attestation().sign(&foreign)?));
        let bent = algorithm_substitution(&decoded, &self.attester.jwks())
            .into_iter()
            .chain(key_injection(&decoded, &foreign, "https://attacker.example/keys")?)
            .chain(edited(&decoded));
        all.extend(bent.map(|bent| (bent.name, bent.token)));
        Ok(all)
    }
}

/// A code that nobody has: whoever gets as far as `invalid_grant` was believed to be the client.
fn probe_request(cx: &Cx, app: &App) -> BackRequest {
    let redirect = app.client.client.redirect_uri.clone().unwrap_or_default();
    cx.token(&app.client, "authorization_code")
        .set("code", "nothing")
        .set("redirect_uri", redirect)
        .set("code_verifier", crate::cx::random())
}

fn is_believed(answer: &BackAnswer) -> bool {
    answer.has_tokens() || answer.member("error") == Some("invalid_grant")
}

pub(super) async fn redeem_and_refresh(cx: &Cx) -> Result<Verdict, Stop> {
    let mut app = App::of(cx)?;
    let request = cx.request(&app.client)?;
    let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
    let genuine = app.attestation().sign(&app.attester)?;
    let tokens = app.send(cx, &cx.redeem(&request, landing.code()?), Some(&genuine)).await?;
    tokens.expect("access_token")?;
    let control = app.send(cx, &probe_request(cx, &app), Some(&genuine)).await?;
    if control.member("error") != Some("invalid_grant") {
        let came = control.outcome();
        return Err(Stop::inconclusive(format!(
            "a genuine attestation with a wrong code should come to invalid_grant, but came to {came}"
        )));
    }
    if is_believed(&app.send(cx, &probe_request(cx, &app), None).await?) {
        return Ok(Verdict::vulnerable("the client was believed without an attestation"));
    }
    let forged = app.forged()?;
    for (what, attestation) in &forged {
        if is_believed(&app.send(cx, &probe_request(cx, &app), Some(attestation)).await?) {
            return Ok(Verdict::vulnerable(format!("the client was believed with this: {what}")));
        }
    }
    let foreign = SigningKey::generate(KeyKind::P256)?;
    if is_believed(&app.send_with(cx, &probe_request(cx, &app), Some(&genuine), &foreign).await?) {
        return Ok(Verdict::vulnerable(
            "the client was believed with another's attestation, without the key that it names",
        ));
    }
    if let Some(refresh) = tokens.member("refresh_token") {
        let refresh = cx.refresh(&app.client, refresh);
        if app.send(cx, &refresh, None).await?.has_tokens() {
            return Ok(Verdict::vulnerable("a refresh without an attestation brought tokens"));
        }
        app.send(cx, &refresh, Some(&genuine)).await?.expect("access_token")?;
    }
    Ok(Verdict::resisted(format!(
        "none of {} forged attestations was believed, nor a request without one",
        forged.len() + 1
    )))
}
