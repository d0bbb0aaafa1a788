//! Client assertions: the one JWT that the probe itself may make, so every claim can be wrong under a good signature.

use crate::case;
use crate::case::Case;
use crate::cases::jose::trap::Trap;
use crate::cx::{Cx, Role, random};
use crate::flow::proof::now;
use crate::flow::token::{Auth, BackAnswer, BackRequest};
use crate::forge::bent::{self, Bent};
use crate::forge::{self, Decoded, Draft, KeyKind, SigningKey, proofs};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("client-assertion-replay", "the-same-twice", "One assertion, two requests",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 7523 section 3", "OpenID Connect Core section 9"], run: replay),
        case!("client-assertion-replay", "far-end", "An assertion that ends in ten years, used twice",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 7523 section 3", "OpenID Connect Core section 9"], run: far_end),
        case!("client-assertion-replay", "claims", "Assertions with missing and wrong claims",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 7523 section 3"], run: claims),
        case!("client-assertion-replay", "signatures", "Assertions with broken, empty and foreign signatures",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 7523 section 3"], run: signatures),
        case!("client-auth-downgrade", "unsigned-assertion", "An unsigned assertion, and a good one beside a secret",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 6749 section 2.3"], run: beside),
        case!("jwt-algorithm-substitution", "client-assertion", "Assertions without signature or by another algorithm",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 8725 section 3.1", "RFC 7523 section 3"], run: algorithm),
        case!("jwt-key-injection", "client-assertion", "Assertions that bring or name their own key",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 8725 section 3.10", "RFC 7515 section 4.1.11"], run: key),
        case!("jwt-weak-key-or-signature", "client-assertion", "Assertions with degenerate signatures",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 7518 section 3.4"], run: signature),
        case!("jwt-type-confusion", "repeated-names", "Assertions that name a claim twice",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 7519 section 4", "RFC 8725 section 2.6"], run: repeated),
        case!("jwt-claims-unchecked", "client-assertion", "Assertions that are expired, early, foreign or endless",
            needs: ["key"], features: [], phase: Normal,
            sections: ["RFC 8725 section 3.8", "RFC 8725 section 3.9", "RFC 7519 section 4.1"], run: claims),
    ]
}

/// The client that authenticates by key, and an audience that the server takes.
pub(in crate::cases) struct Signer {
    client: Role,
    key: SigningKey,
    audience: String,
    errand: Errand,
}

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Whether the client was let in.
fn is_taken(answer: &BackAnswer) -> bool {
    matches!(answer.outcome().as_str(), "tokens" | "done")
}

/// What the client asks for when it authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    /// A token on its own account.
    Machine,
    /// The end of a token that does not exist: for clients that may not have tokens of their own.
    Revocation,
}

impl Signer {
    /// The control: the first errand and audience for which a good assertion is taken.
    pub(in crate::cases) async fn new(cx: &Cx) -> Result<Self, Stop> {
        let client = cx.client("key")?;
        let mut last = String::new();
        for audience in [cx.target().issuer.clone(), cx.endpoint("token_endpoint")?.to_string()] {
            for errand in [Errand::Machine, Errand::Revocation] {
                if errand == Errand::Revocation && cx.find_endpoint("revocation_endpoint").is_none() {
                    continue;
                }
                let signer = Self { client: client.clone(), key: client.key()?, audience: audience.clone(), errand };
                let answer = signer.present(cx, &signer.good()?).await?;
                if is_taken(&answer) {
                    return Ok(signer);
                }
                last = answer.outcome();
                // Then it is not the errand; and each failure is held against the client.
                if last == "error:invalid_client" {
                    break;
                }
            }
            if last != "error:invalid_client" {
                break;
            }
        }
        Err(Stop::inconclusive(format!("a good client assertion was not taken: {last}")))
    }

    pub(in crate::cases) fn draft(&self) -> Draft {
        proofs::client_assertion(&self.client.client_id, &self.audience, now())
    }

    /// A good assertion.
    pub(in crate::cases) fn good(&self) -> Result<String, Stop> {
        Ok(self.draft().sign(&self.key)?)
    }

    fn decoded(&self) -> Result<Decoded, Stop> {
        forge::decode(&self.good()?).ok_or_else(|| Stop::inconclusive("the probe's own assertion cannot be read"))
    }

    /// The client's errand, with nothing that authenticates yet.
    fn request(&self, cx: &Cx) -> BackRequest {
        match self.errand {
            Errand::Machine => cx.client_credentials(&self.client),
            Errand::Revocation => cx.revoke(&self.client, &random()),
        }
    }

    pub(in crate::cases) async fn present(&self, cx: &Cx, assertion: &str) -> Result<BackAnswer, Stop> {
        self.request(cx)
            .auth(Auth::Nothing)
            .set("client_id", &self.client.client_id)
            .set("client_assertion_type", ASSERTION)
            .set("client_assertion", assertion)
            .send(cx)
            .await
    }

    /// Presents each; one that is taken is the finding. In the end a good one must still work: else it was not the
    /// flaw that was refused.
    pub(in crate::cases) async fn try_all(&self, cx: &Cx, assertions: &[Bent]) -> Result<Verdict, Stop> {
        let mut trouble = None;
        let mut source = cx.elsewhere();
        for (number, bent) in assertions.iter().enumerate() {
            // Wrong credentials slow their source down, as they should: every few tries come from another one.
            if number % 4 == 3 {
                source = cx.elsewhere();
            }
            let answer = self.present(&source, &bent.token).await?;
            if is_taken(&answer) {
                return Ok(Verdict::vulnerable(format!(
                    "the server took a client assertion with this flaw: {}",
                    bent.name
                )));
            }
            if !answer.is_refused() {
                let outcome = answer.answer.status;
                trouble.get_or_insert_with(|| {
                    format!("the server answered {outcome} to a client assertion with this flaw: {}", bent.name)
                });
            }
        }
        if let Some(trouble) = trouble {
            return Err(Stop::Inconclusive(trouble));
        }
        let last = self.present(&cx.elsewhere(), &self.good()?).await?;
        if !is_taken(&last) {
            return Err(Stop::inconclusive(format!(
                "after the bent assertions a good one was not taken: {}",
                last.outcome()
            )));
        }
        Ok(Verdict::resisted(format!(
            "{} bent assertions were refused, a good one before and after was not",
            assertions.len()
        )))
    }
}

async fn replay(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let assertion = signer.good()?;
    if !is_taken(&signer.present(cx, &assertion).await?) {
        return Err(Stop::inconclusive("the first use of the assertion was refused"));
    }
    twice(&signer, cx, &assertion).await
}

async fn far_end(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let assertion = signer.draft().with_claim("exp", now() + 315_360_000).sign(&signer.key)?;
    if !is_taken(&signer.present(cx, &assertion).await?) {
        return Ok(Verdict::resisted("the server refused an assertion that ends in ten years"));
    }
    twice(&signer, cx, &assertion).await
}

async fn twice(signer: &Signer, cx: &Cx, assertion: &str) -> Result<Verdict, Stop> {
    let second = signer.present(cx, assertion).await?;
    match second.outcome().as_str() {
        "tokens" | "done" => Ok(Verdict::vulnerable("the server took the same client assertion twice")),
        "trouble" => Err(Stop::inconclusive(format!("the second use came to status {}", second.answer.status))),
        outcome => Ok(Verdict::resisted(format!("the first use was taken, the second came to {outcome}"))),
    }
}

async fn claims(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let mut all = bent::wrong_claims(&signer.draft(), &signer.key, now())?;
    all.push(Bent::new("no jti", signer.draft().without_claim("jti").sign(&signer.key)?));
    signer.try_all(cx, &all).await
}

async fn signatures(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let genuine = signer.decoded()?;
    let foreign = SigningKey::generate(KeyKind::P256)?;
    let mut all = bent::weak_signature(&genuine);
    all.push(Bent::new(
        "signed by a foreign key",
        signer.draft().with_header("kid", signer.key.kid()).with_header("alg", "ES256").sign_as(&foreign, "ES256")?,
    ));
    all.push(Bent::new("no signature", genuine.with_signature(&[])));
    signer.try_all(cx, &all).await
}

async fn beside(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let unsigned = signer.draft().with_header("alg", "none").unsigned();
    if let verdict @ Verdict { outcome: crate::verdict::Outcome::Vulnerable, .. } =
        signer.try_all(cx, &[Bent::new("alg is none, no signature", unsigned)]).await?
    {
        return Ok(verdict);
    }
    // A good assertion and a wrong secret: whoever reads the one does not see the other.
    let request = signer
        .request(cx)
        .auth(Auth::Basic(signer.client.client_id.clone(), random()))
        .set("client_assertion_type", ASSERTION)
        .set("client_assertion", signer.good()?);
    let answer = request.send(&cx.elsewhere()).await?;
    match answer.outcome().as_str() {
        "tokens" | "done" => {
            Ok(Verdict::vulnerable("the server took two ways to authenticate at once, one of them wrong"))
        }
        "trouble" => Err(Stop::inconclusive(format!("two ways at once came to status {}", answer.answer.status))),
        outcome => Ok(Verdict::resisted(format!("no signature was refused, two ways at once came to {outcome}"))),
    }
}

async fn algorithm(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let all = bent::algorithm_substitution(&signer.decoded()?, &signer.key.jwks());
    signer.try_all(cx, &all).await
}

async fn key(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    let foreign = SigningKey::generate(KeyKind::P256)?;
    let trap = Trap::with(&foreign.jwks()).await?;
    let mut all = bent::key_injection(&signer.decoded()?, &foreign, trap.url())?;
    all.extend(bent::critical(&signer.draft(), &signer.key)?);
    trap.judge(signer.try_all(cx, &all).await)
}

async fn signature(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    signer.try_all(cx, &bent::weak_signature(&signer.decoded()?)).await
}

async fn repeated(cx: &Cx) -> Result<Verdict, Stop> {
    let signer = Signer::new(cx).await?;
    signer.try_all(cx, &bent::duplicate_names(&signer.draft(), &signer.key)?).await
}
