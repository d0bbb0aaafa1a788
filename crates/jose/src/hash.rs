//! Hashes and the comparison that takes the same time for every input.

use aws_lc_rs::{constant_time, digest};
use data_encoding::BASE64URL_NOPAD;

use crate::Algorithm;

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    // The lengths are equal: SHA-256 gives 32 bytes, so this cannot panic.
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Whether `a` equals `b`, in a time that depends on their lengths only. Use it wherever one side is a
/// secret: an early exit tells the other side how much of a guess was right.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// The `at_hash` of an access token in an ID token signed with `algorithm` (OpenID Connect Core
/// section 3.1.3.6): base64url of the left half of the hash that the algorithm uses.
#[must_use]
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        // Ed25519 hashes with SHA-512 inside (RFC 8032 section 5.1). OpenID Connect Core does not say
        // it for EdDSA, but deployed servers and clients agree on it.
        Algorithm::EdDsa => &digest::SHA512,
        Algorithm::Es384 => &digest::SHA384,
        Algorithm::Es256 | Algorithm::Ps256 | Algorithm::Rs256 => &digest::SHA256,
    };
    let digest = digest::digest(hash, access_token.as_bytes());
    let digest = digest.as_ref();
    BASE64URL_NOPAD.encode(&digest[..digest.len() / 2])
}

/// The `c_hash` of an authorization code (OpenID Connect Core section 3.3.2.11): made like [`at_hash`].
#[must_use]
pub fn c_hash(algorithm: Algorithm, code: &str) -> String {
    at_hash(algorithm, code)
}
