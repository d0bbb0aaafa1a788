//! Keys, and tokens that the server itself would never sign.

use std::sync::OnceLock;

use jose::{Algorithm, Audience, ClientAssertion, JwkSet, Seconds, SigningKey};
use protocol::token::Signer;

use super::{ISSUER, NOW};

/// The server's one key. Made once per test binary.
pub fn server_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(Algorithm::Es256).expect("the library makes keys"))
}

/// The key of the client that signs its assertions.
pub fn client_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(Algorithm::Es256).expect("the library makes keys"))
}

/// A key that nobody registered.
pub fn mallorys_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(Algorithm::Es256).expect("the library makes keys"))
}

/// The public half of keys, as published.
pub fn public(keys: &[&SigningKey]) -> JwkSet {
    JwkSet::from_keys(keys.iter().map(|key| key.public_jwk().clone())).expect("distinct keys")
}

/// The server's signer: one key, for ES256.
pub struct OneKey;

impl Signer for OneKey {
    fn key(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        (algorithm == Algorithm::Es256).then(server_key)
    }
}

/// What an honest assertion of `client_id` says.
pub fn assertion_claims(client_id: &str, jti: &str) -> ClientAssertion {
    ClientAssertion {
        iss: client_id.to_owned(),
        sub: client_id.to_owned(),
        aud: Audience::one(ISSUER),
        exp: NOW + Seconds(60),
        iat: Some(NOW),
        nbf: None,
        jti: jti.to_owned(),
    }
}

/// A signed assertion.
pub fn assertion(key: &SigningKey, claims: &ClientAssertion) -> String {
    key.sign(claims).expect("well-formed claims")
}
