//! The published keys: kinds, sizes, names, and nothing that is private.

use serde_json::Value;

use crate::case;
use crate::case::Case;
use crate::cases::honest::{jwks, usual_tokens};
use crate::cx::Cx;
use crate::forge::{self, PublicKey};
use crate::verdict::{Stop, Verdict};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("jwt-weak-key-or-signature", "key-sizes", "The sizes and curves of the published keys",
            needs: [], features: [], phase: Normal,
            sections: ["RFC 7518 section 3.3", "RFC 8725 section 3.5"], run: sizes),
        case!("jwt-weak-key-or-signature", "guessable-secret", "ID tokens of the HS family under a guessable secret",
            needs: ["user", "web"], features: ["openid"], phase: Normal,
            sections: ["RFC 8725 section 2.2", "RFC 8725 section 3.5"], run: guessable),
    ]
}

/// What is wrong with the strength of a key, if anything.
fn weakness(jwk: &Value) -> Option<String> {
    let kid = jwk["kid"].as_str().unwrap_or("without kid");
    match (jwk["kty"].as_str(), PublicKey::from_jwk(jwk)) {
        (Some("RSA"), Some(PublicKey::Rsa { n, e })) => {
            let bits = bits(&n);
            let exponent = e.iter().fold(0u64, |sum, byte| sum.saturating_mul(256).saturating_add(u64::from(*byte)));
            if bits < 2048 {
                Some(format!("the RSA key {kid} has {bits} bits"))
            } else if exponent < 3 || exponent % 2 == 0 {
                Some(format!("the RSA key {kid} has the exponent {exponent}"))
            } else {
                None
            }
        }
        (Some("EC"), Some(_)) if matches!(jwk["crv"].as_str(), Some("P-256" | "P-384" | "P-521" | "secp256k1")) => None,
        (Some("OKP"), _) if matches!(jwk["crv"].as_str(), Some("Ed25519" | "Ed448" | "X25519" | "X448")) => None,
        // A kind that came after this probe (AKP, say) is not called weak.
        (Some("EC" | "OKP" | "RSA"), _) => {
            Some(format!("the key {kid} is on no curve that the specifications name, or unreadable"))
        }
        _ => None,
    }
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let significant = &number[zeros..];
    significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}

/// What the key set gives away or leaves unclear, each in a sentence.
pub(in crate::cases) fn findings(jwks: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    let mut kids = std::collections::BTreeSet::new();
    for jwk in jwks["keys"].as_array().into_iter().flatten() {
        let kid = jwk["kid"].as_str().unwrap_or_default();
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            if jwk.get(member).is_some() {
                findings.push(format!("the key {kid} is published with its private member {member}"));
            }
        }
        if jwk["kty"] == "oct" {
            findings.push(format!("the key {kid} is symmetric: whoever can read it can sign"));
        }
        if !kid.is_empty() && !kids.insert(kid) {
            findings.push(format!("two keys are called {kid}"));
        }
        findings.extend(weakness(jwk));
    }
    findings
}

async fn sizes(cx: &Cx) -> Result<Verdict, Stop> {
    let jwks = jwks(cx).await?;
    let keys = jwks["keys"].as_array().map_or(0, Vec::len);
    Ok(match jwks["keys"].as_array().into_iter().flatten().find_map(weakness) {
        Some(weakness) => Verdict::vulnerable(weakness),
        None => Verdict::resisted(format!("{keys} published keys, none weak")),
    })
}

async fn guessable(cx: &Cx) -> Result<Verdict, Stop> {
    let web = cx.client("web")?;
    let tokens = usual_tokens(cx, &web).await?;
    let decoded =
        forge::decode(tokens.expect("id_token")?).ok_or_else(|| Stop::inconclusive("the ID token is no JWT"))?;
    let alg = decoded.header["alg"].as_str().unwrap_or_default();
    if !alg.starts_with("HS") {
        return Ok(Verdict::resisted(format!("ID tokens are signed by {alg}, which has no secret to guess")));
    }
    let issuer = cx.target().issuer.as_str();
    let words = [
        "",
        "secret",
        "password",
        "changeme",
        "key",
        "jwt",
        "test",
        "123456",
        "your-256-bit-secret",
        issuer,
        &web.client_id,
    ];
    Ok(match words.iter().find(|word| forge::made_with(&decoded, word.as_bytes())) {
        Some(_) => Verdict::vulnerable("the secret that signs ID tokens is a word of a short list"),
        None => {
            Verdict::resisted(format!("ID tokens are signed by {alg}, under none of {} usual secrets", words.len()))
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{findings, weakness};
    use crate::forge::{KeyKind, SigningKey};

    #[test]
    fn strong_keys_pass_and_each_weak_one_is_named() {
        for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa2048] {
            assert_eq!(weakness(&SigningKey::generate(kind).unwrap().public_jwk()), None, "{kind:?}");
        }
        let modulus = crate::forge::encode(&[0xff; 128]);
        assert!(
            weakness(&json!({ "kty": "RSA", "kid": "a", "n": modulus, "e": "AQAB" })).unwrap().contains("1024 bits")
        );
        let modulus = crate::forge::encode(&[0xff; 256]);
        assert!(
            weakness(&json!({ "kty": "RSA", "kid": "a", "n": modulus, "e": "AQ" })).unwrap().contains("exponent 1")
        );
        assert!(weakness(&json!({ "kty": "EC", "crv": "P-192", "x": "AA", "y": "AA" })).is_some());
    }

    #[test]
    fn private_members_symmetric_keys_and_namesakes_are_found() {
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        assert_eq!(findings(&key.jwks()), Vec::<String>::new());
        let private = json!({ "keys": [key.private_jwk().unwrap()] });
        assert_eq!(findings(&private).len(), 1);
        let twins = json!({ "keys": [key.public_jwk(), key.public_jwk()] });
        assert!(findings(&twins)[0].starts_with("two keys are called"));
        assert_eq!(findings(&json!({ "keys": [{ "kty": "oct", "kid": "s", "k": "AA" }] })).len(), 2);
    }
}
