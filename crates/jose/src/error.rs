//! Why a token or a key was refused.

/// Why a token or a key was refused.
///
/// The variants are precise because they are for the log and for the choice of a signal. They carry
/// names of members and nothing that was received, so they can be logged without leaking a token. What
/// the other side is told is decided by `protocol`, which merges most of these into one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// `alg` is unknown, not expected here, or not the algorithm of the key. `none` and the HS family
    /// are unknown to this crate.
    #[error("the algorithm is not accepted here")]
    Algorithm,
    /// `aud` names none of the expected audiences, or is not the sole string it has to be.
    #[error("the audience is not the expected one")]
    Audience,
    /// A claim is present but has an impossible value or a forbidden length.
    #[error("the claim {0} has no acceptable value")]
    Claim(&'static str),
    /// A claim is present but has the wrong JSON type, such as an expiry as text or with a fraction.
    #[error("a claim has the wrong JSON type")]
    ClaimType,
    /// The library could not draw random bytes, generate a key or sign.
    #[error("the cryptographic library failed")]
    Crypto,
    /// A JSON object names a member twice, so two readers could see two different values.
    #[error("a JSON member appears twice")]
    Duplicate,
    /// The token has five parts: it is encrypted, which is not supported.
    #[error("encrypted tokens are not supported")]
    Encrypted,
    /// `exp` is not in the future.
    #[error("the token has expired")]
    Expired,
    /// `iss` is not the expected issuer.
    #[error("the issuer is not the expected one")]
    Issuer,
    /// The text is not a JWK or JWK Set, or its members contradict each other.
    #[error("the JWK is malformed or contradicts itself")]
    Key,
    /// The header tries to bring or steer the key (`jwk`, `jku`, `x5u`, `x5c`, an impossible `kid`), or
    /// demands an extension (`crit`, `b64`).
    #[error("the header member {0} is refused")]
    KeyHeader(&'static str),
    /// No key of the set has this `kid`, or there is no `kid` and not exactly one key fits.
    #[error("no key of the set fits")]
    KeyNotFound,
    /// `exp` lies farther ahead than tokens of this kind may live.
    #[error("the token is valid for too long")]
    LifetimeTooLong,
    /// Not a compact JWS: wrong number of parts, not strict base64url, not a JSON object.
    #[error("the token is malformed")]
    Malformed,
    /// A claim this kind of token must have is absent.
    #[error("the claim {0} is missing")]
    MissingClaim(&'static str),
    /// `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// A private or symmetric key was handed in where only public keys belong.
    #[error("the JWK holds private or symmetric key material")]
    PrivateKey,
    /// The signature does not fit the key and the bytes.
    #[error("the signature is wrong")]
    Signature,
    /// `sub` is empty, or is not the `iss` it has to equal.
    #[error("the subject is not the expected one")]
    Subject,
    /// The JSON is nested deeper than any token needs.
    #[error("the JSON is nested too deeply")]
    TooDeep,
    /// The token, key or key set is larger than this crate reads.
    #[error("the input is too long")]
    TooLong,
    /// `typ` belongs to another kind of token, or the claims do.
    #[error("the token is of another kind")]
    Type,
    /// The key type, curve or use is none that this crate verifies with.
    #[error("the key type, curve or use is not supported")]
    UnsupportedKey,
    /// The key is too small, has a small exponent, or is not a proper point of its curve.
    #[error("the key is too weak")]
    WeakKey,
}

impl JoseError {
    /// True where an algorithm or the cryptography was attacked (signal `jwt-algorithm-rejected`): an
    /// honest client practically never causes one of these.
    #[must_use]
    pub fn is_algorithm(&self) -> bool {
        matches!(self, Self::Algorithm | Self::Encrypted | Self::PrivateKey | Self::WeakKey)
    }

    /// True where the header tried to choose the key (signal `jwt-key-header-rejected`).
    #[must_use]
    pub fn is_key_header(&self) -> bool {
        matches!(self, Self::KeyHeader(_))
    }

    /// True where the token is of another kind (signal `jwt-type-mismatch`).
    #[must_use]
    pub fn is_type(&self) -> bool {
        matches!(self, Self::Type)
    }

    /// True where the signature was right but a claim was not (signal `jwt-claims-rejected`).
    #[must_use]
    pub fn is_claims(&self) -> bool {
        matches!(
            self,
            Self::Audience
                | Self::Claim(_)
                | Self::ClaimType
                | Self::Expired
                | Self::Issuer
                | Self::LifetimeTooLong
                | Self::MissingClaim(_)
                | Self::NotYetValid
                | Self::Subject
        )
    }
}
