//! An OpenID login, whole: the control of most cases about ID tokens.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use serde_json::Value;

use crate::cx::{Cx, Role, random};
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::person::{Intent, Person};
use crate::flow::token::BackAnswer;
use crate::forge::{Decoded, decode, encode};
use crate::verdict::Stop;

/// What an honest login brought.
pub(crate) struct Login {
    pub(crate) request: AuthorizationRequest,
    pub(crate) tokens: BackAnswer,
    pub(crate) id_token: Decoded,
    /// The same, as it came.
    pub(crate) compact: String,
}

/// The honest request of a client, with `openid` in its scope and a nonce.
pub(crate) fn request(cx: &Cx, client: &Role) -> Result<AuthorizationRequest, Stop> {
    let request = cx.request(client)?;
    let scope = request.params.get("scope").unwrap_or_default().to_owned();
    let scope = if scope.split(' ').any(|word| word == "openid") { scope } else { format!("openid {scope}") };
    let nonce = request.params.get("nonce").map_or_else(random, str::to_owned);
    Ok(request.set("scope", scope.trim()).set("nonce", nonce))
}

/// Sends the request, redeems the code and takes the ID token apart.
///
/// # Errors
/// Inconclusive, with what came instead.
pub(crate) async fn with(cx: &Cx, person: &mut Person, request: AuthorizationRequest) -> Result<Login, Stop> {
    let landing = cx.walk(person, &request, Intent::Allow).await?;
    let tokens = cx.redeem(&request, landing.code()?).send(cx).await?;
    let compact = tokens.expect("id_token")?.to_owned();
    let id_token = decode(&compact)
        .ok_or_else(|| Stop::inconclusive("the ID token is no signed JWT, and encrypted ones are not read"))?;
    Ok(Login { request, tokens, id_token, compact })
}

/// An honest login of a client.
///
/// # Errors
/// Inconclusive, with what came instead.
pub(crate) async fn login(cx: &Cx, person: &mut Person, client: &Role) -> Result<Login, Stop> {
    with(cx, person, request(cx, client)?).await
}

/// The server's published keys.
///
/// # Errors
/// Inconclusive, if it publishes none.
pub(crate) async fn keys(cx: &Cx) -> Result<Value, Stop> {
    let keys = cx.get("key set", &cx.endpoint("jwks_uri")?).await?.json();
    if keys["keys"].is_array() { Ok(keys) } else { Err(Stop::inconclusive("the key set cannot be read")) }
}

/// The values that `at_hash`, `c_hash` and `s_hash` may have: the left half of the hash that goes with the algorithm.
/// No specification says which hash goes with Ed25519; SHA-512, which it uses itself, and SHA-256 are both met.
pub(crate) fn half_hashes(alg: &str, text: &str) -> Vec<String> {
    let hashes: &[&'static Algorithm] = match alg.get(2..) {
        _ if matches!(alg, "EdDSA" | "Ed25519") => &[&SHA512, &SHA256],
        Some("256" | "256K") => &[&SHA256],
        Some("384") => &[&SHA384],
        Some("512") => &[&SHA512],
        _ => &[],
    };
    hashes
        .iter()
        .map(|hash| {
            let whole = digest(hash, text.as_bytes());
            encode(&whole.as_ref()[..whole.as_ref().len() / 2])
        })
        .collect()
}

/// `None` if the hash claim fits, else what is wrong with it. A hash by an algorithm that the probe does not know fits.
pub(crate) fn misfit(id_token: &Decoded, claim: &str, text: &str) -> Option<String> {
    let right = half_hashes(id_token.header["alg"].as_str().unwrap_or_default(), text);
    match id_token.claims[claim].as_str() {
        None => Some(format!("the ID token has no {claim}")),
        Some(found) if right.is_empty() || right.iter().any(|hash| hash == found) => None,
        Some(_) => Some(format!("{claim} of the ID token is not the hash of what came with it")),
    }
}

#[cfg(test)]
mod tests {
    use super::half_hashes;

    #[test]
    fn the_half_hash_is_that_of_openid_connect_core_appendix_a() {
        let (token, code) = (
            "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
            "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk",
        );
        assert_eq!(half_hashes("RS256", token), ["77QmUPtjPfzWtF2AnpK9RQ"]);
        assert_eq!(half_hashes("RS256", code), ["LDktKdoQak3Pk0cnXxCltA"]);
        assert!(half_hashes("none", token).is_empty());
    }
}
