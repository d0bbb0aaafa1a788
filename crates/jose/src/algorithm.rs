//! The signature algorithms this crate knows. All are asymmetric.

use std::fmt;

use aws_lc_rs::signature::{self, VerificationAlgorithm};
use serde::{Deserialize, Serialize};

/// A signature algorithm of RFC 7518 section 3.1 or RFC 8037 section 3.1.
///
/// There is no `none` and no HMAC here, so no path through this crate can accept either, whatever a
/// header says.
// defends: jwt-algorithm-substitution
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037). Other curves of `EdDSA` are not supported.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA with P-384 and SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt as long as the hash.
    #[serde(rename = "PS256")]
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Algorithm {
    /// Every algorithm of this crate, in the order of the enum.
    pub const ALL: [Algorithm; 5] = [Self::EdDsa, Self::Es256, Self::Es384, Self::Ps256, Self::Rs256];

    /// The name in the JOSE registry, as it stands in `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of exactly this name; `None` for every other text, `none` included. Names are case-sensitive (RFC 7515
    /// section 4.1.1). `Ed25519` is the newer name of what `EdDSA` with a key on that curve has always been (RFC 9864).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::EdDsa),
            _ => Self::ALL.into_iter().find(|algorithm| algorithm.name() == name),
        }
    }

    /// How aws-lc-rs verifies it. ECDSA is the fixed-width `r || s` of RFC 7518 section 3.4, never DER.
    pub(crate) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::EdDsa => &signature::ED25519,
            Self::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
