//! The published key set, and whether fresh tokens are signed by it.

use crate::case;
use crate::case::Case;
use crate::cases::honest::{jwks, usual_tokens};
use crate::cases::jose::key_set_findings;
use crate::cx::Cx;
use crate::forge::{VerifyError, decode, verify};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("signing-key-compromise", "key-set", "Private, symmetric, weak or namesake keys in the key set",
            needs: [], features: [], phase: Normal, sections: ["RFC 7517 section 9.2", "RFC 8725 section 3.5"], run: key_set),
        case!("signing-key-compromise", "fresh-token", "A fresh token verifies with the key set",
            needs: ["user", "web"], features: [], phase: Normal, sections: ["OpenID Connect Core section 10.1.1"], run: fresh),
    ]
}

async fn key_set(cx: &Cx) -> Result<Verdict, Stop> {
    let jwks = jwks(cx).await?;
    let keys = jwks["keys"].as_array().map_or(0, Vec::len);
    Ok(match key_set_findings(&jwks).into_iter().next() {
        Some(finding) => Verdict::vulnerable(finding),
        None => Verdict::resisted(format!("{keys} keys, public members only, none weak, no two of one name")),
    })
}

async fn fresh(cx: &Cx) -> Result<Verdict, Stop> {
    let tokens = usual_tokens(cx, &cx.client("web")?).await?;
    let jwks = jwks(cx).await?;
    let mut verified = Vec::new();
    for (name, token) in ["id_token", "access_token"].iter().filter_map(|name| Some((*name, tokens.member(name)?))) {
        let Some(decoded) = decode(token) else { continue };
        match verify(token, &jwks) {
            Ok(_) => verified.push(name),
            Err(VerifyError::Signature) => {
                return Ok(Verdict::vulnerable(format!(
                    "the {name} is signed by another key than the published one of its name"
                )));
            }
            // A secret of the client's own is not published.
            Err(VerifyError::Algorithm(alg)) if alg.starts_with("HS") => {}
            Err(why) => {
                let alg = &decoded.header["alg"];
                return Err(Stop::inconclusive(format!("the {name} (alg {alg}) cannot be verified: {why}")));
            }
        }
    }
    if verified.is_empty() {
        return Err(Stop::NotApplicable("none of the server's tokens is signed by a published key".into()));
    }
    Ok(Verdict::resisted(format!("the fresh {} verifies with the published keys", verified.join(" and "))))
}
