//! The proofs that an honest client makes, as drafts that a case may bend before signing.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::{Draft, SigningKey, encode, random_text};

/// A client assertion (RFC 7523 section 3): one minute, one audience, a fresh `jti`. `now` in seconds since 1970.
pub fn client_assertion(client_id: &str, audience: &str, now: i64) -> Draft {
    Draft::new(
        json!({ "typ": "JWT" }),
        json!({
            "iss": client_id, "sub": client_id, "aud": audience,
            "iat": now, "exp": now + 60, "jti": random_text(),
        }),
    )
}

/// A DPoP proof (RFC 9449 section 4.2) of `key` for a request. With `access_token` it carries `ath`.
pub fn dpop_proof(key: &SigningKey, method: &str, uri: &str, access_token: Option<&str>, now: i64) -> Draft {
    let uri = uri.split(['?', '#']).next().unwrap_or_default();
    let draft = Draft::new(
        json!({ "typ": "dpop+jwt", "alg": key.algorithm(), "jwk": key.public().jwk() }),
        json!({ "htm": method, "htu": uri, "iat": now, "jti": random_text() }),
    );
    match access_token {
        Some(token) => draft.with_claim("ath", encode(digest(&SHA256, token.as_bytes()).as_ref())),
        None => draft,
    }
}
