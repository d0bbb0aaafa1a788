//! ID tokens as `id_token_hint`: the one place where a server reads its own tokens back from a browser.
//!
//! The control is a difference: a genuine hint and a broken one must come to different ends, else hints are not read.

use crate::case;
use crate::case::Case;
use crate::cases::honest::{jwks, tokens_of};
use crate::cases::jose::trap::Trap;
use crate::cx::Cx;
use crate::flow::person::{Intent, Person};
use crate::forge::{self, Decoded, KeyKind, SigningKey, bent};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("jwt-algorithm-substitution", "id-token-hint", "ID token hints without signature or by another algorithm",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.2.1", "RFC 8725 section 3.1"], run: algorithm),
        case!("jwt-key-injection", "id-token-hint", "ID token hints that bring or name their own key",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.2.1", "RFC 8725 section 3.10"], run: key),
        case!("jwt-weak-key-or-signature", "id-token-hint", "ID token hints with degenerate signatures",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["OpenID Connect Core section 3.1.2.1"], run: signature),
        case!("jwt-type-confusion", "access-token-as-id-token-hint", "An access token as ID token hint",
            needs: ["user", "web"], features: ["openid", "jwt-access-tokens"], phase: Normal,
            sections: ["RFC 8725 section 3.12"], run: access_token_as_hint),
    ]
}

/// A person with a session, what their hints come to, and a genuine hint.
pub(super) struct Hints {
    person: Person,
    pub(super) id_token: String,
    pub(super) access_token: String,
    good: String,
}

impl Hints {
    pub(super) async fn new(cx: &Cx) -> Result<Self, Stop> {
        let mut person = cx.person();
        let tokens = tokens_of(cx, &mut person, &cx.request(&cx.client("web")?)?).await?;
        let id_token = tokens.expect("id_token")?.to_owned();
        let access_token = tokens.expect("access_token")?.to_owned();
        let mut hints = Self { person, id_token, access_token, good: String::new() };
        hints.good = hints.outcome(cx, &hints.id_token.clone()).await?;
        let broken = hints.outcome(cx, "e30.e30.AAAA").await?;
        if hints.good == broken || hints.good == "trouble" {
            let same = format!("a genuine and a broken id_token_hint both came to {broken}: hints are not read");
            return Err(Stop::NotApplicable(same));
        }
        Ok(hints)
    }

    async fn outcome(&mut self, cx: &Cx, hint: &str) -> Result<String, Stop> {
        let request = cx.request(&cx.client("web")?)?.set("prompt", "none").set("id_token_hint", hint);
        // Without a person's hand: prompt=none shows no page that could be answered.
        Ok(cx.walk(&mut self.person, &request, Intent::Anonymous).await?.outcome())
    }

    /// Sends every hint; one that comes to what the genuine one comes to was believed.
    pub(super) async fn try_all(&mut self, cx: &Cx, hints: &[bent::Bent]) -> Result<Verdict, Stop> {
        let mut trouble = None;
        for hint in hints {
            let outcome = self.outcome(cx, &hint.token).await?;
            if outcome == self.good {
                return Ok(Verdict::vulnerable(format!(
                    "the server believed an id_token_hint with this flaw: {}",
                    hint.name
                )));
            }
            if outcome == "trouble" {
                trouble.get_or_insert_with(|| {
                    format!("the server was in trouble over an id_token_hint with this flaw: {}", hint.name)
                });
            }
        }
        match trouble {
            Some(trouble) => Err(Stop::Inconclusive(trouble)),
            None => Ok(Verdict::resisted(format!("{} bent hints were not believed, the genuine one was", hints.len()))),
        }
    }

    fn decoded(&self) -> Result<Decoded, Stop> {
        forge::decode(&self.id_token).ok_or_else(|| Stop::inconclusive("the server's ID token is no compact JWT"))
    }
}

async fn algorithm(cx: &Cx) -> Result<Verdict, Stop> {
    let mut hints = Hints::new(cx).await?;
    let all = bent::algorithm_substitution(&hints.decoded()?, &jwks(cx).await?);
    hints.try_all(cx, &all).await
}

async fn key(cx: &Cx) -> Result<Verdict, Stop> {
    let mut hints = Hints::new(cx).await?;
    let foreign = SigningKey::generate(KeyKind::P256)?;
    let trap = Trap::with(&foreign.jwks()).await?;
    let all = bent::key_injection(&hints.decoded()?, &foreign, trap.url())?;
    trap.judge(hints.try_all(cx, &all).await)
}

async fn signature(cx: &Cx) -> Result<Verdict, Stop> {
    let mut hints = Hints::new(cx).await?;
    let all = bent::weak_signature(&hints.decoded()?);
    hints.try_all(cx, &all).await
}

async fn access_token_as_hint(cx: &Cx) -> Result<Verdict, Stop> {
    let mut hints = Hints::new(cx).await?;
    let token = bent::Bent::new("it is an access token", hints.access_token.clone());
    hints.try_all(cx, &[token]).await
}
