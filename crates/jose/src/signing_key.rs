//! A private key that signs claims of a known purpose and nothing else.

use std::fmt;

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;

use crate::numbers::{Numbers, decode};
use crate::private_jwk::{self, PrivateNumbers};
use crate::purpose::{Kind, Purpose};
use crate::{Algorithm, JoseError, Jwk, Secret};

/// A private key, parsed once and kept ready. One key has one [`Algorithm`] for life.
///
/// It signs typed claims only ([`SigningKey::sign`]); there is no way to sign bytes, so nobody can have
/// it sign something that means more than it says. `Debug` shows `kid` and algorithm.
pub struct SigningKey {
    pair: Pair,
    public: Jwk,
    /// The JWK text, made once: the library hands the numbers out in fallible steps.
    private: Secret<String>,
    /// `base64url(header) "."` for every kind of token, by [`Kind`].
    headers: [String; Kind::COUNT],
}

pub(crate) enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Makes a new key from the random generator of the operating system. RSA keys have 3072 bits and
    /// take up to a second. The `kid` is the thumbprint of RFC 7638.
    ///
    /// # Errors
    /// [`JoseError::Crypto`] if the library could not make one.
    pub fn generate(algorithm: Algorithm) -> Result<Self, JoseError> {
        let crypto = |_| JoseError::Crypto;
        let pair = match algorithm {
            Algorithm::EdDsa => Pair::Ed(Ed25519KeyPair::generate().map_err(crypto)?),
            Algorithm::Es256 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(crypto)?),
            Algorithm::Es384 => Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map_err(crypto)?),
            Algorithm::Ps256 | Algorithm::Rs256 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa3072).map_err(crypto)?),
        };
        let numbers = public_numbers(&pair, algorithm);
        let public = Jwk::new(numbers.clone(), algorithm, numbers.thumbprint())?;
        let private = private_numbers(&pair)?;
        Ok(Self::assemble(pair, public, &private))
    }

    /// Reads a private JWK. `kty`, `alg` and every private member are required and must agree with the
    /// public ones; `use` and `key_ops` must allow signing; `kid` defaults to the thumbprint.
    ///
    /// # Errors
    /// As [`Jwk::parse`]; [`JoseError::Algorithm`] without `alg`; [`JoseError::Key`] if the private and
    /// public members do not belong together.
    pub fn from_private_jwk(json: &Secret<String>) -> Result<Self, JoseError> {
        let members = private_jwk::PrivateMembers::parse(json.expose())?;
        let public = members.public()?;
        let private = members.numbers()?;
        let pair = pair_of(&public, &private)?;
        Ok(Self::assemble(pair, public, &private))
    }

    fn assemble(pair: Pair, public: Jwk, private: &PrivateNumbers) -> Self {
        let private = private_jwk::write(&public, private);
        let headers = Kind::ALL.map(|kind| {
            // kid was checked to be printable ASCII; JSON still needs its quotes escaped.
            let header = serde_json::json!({ "alg": public.algorithm(), "typ": kind.typ(), "kid": public.kid() });
            BASE64URL_NOPAD.encode(header.to_string().as_bytes()) + "."
        });
        SigningKey { pair, public, private, headers }
    }

    /// The whole key as a private JWK, for the key file. Whoever reads it can be us.
    #[must_use]
    pub fn to_private_jwk(&self) -> Secret<String> {
        self.private.clone()
    }

    /// The public half, as published.
    #[must_use]
    pub fn public_jwk(&self) -> &Jwk {
        &self.public
    }

    /// The `kid` that goes into every header: the RFC 7638 thumbprint unless a read JWK named another.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Signs claims as a compact JWS (RFC 7515 section 3.1) whose `typ` says what they are for.
    ///
    /// # Errors
    /// [`JoseError::Claim`] or [`JoseError::Subject`] if the claims are ones that [`crate::verify`] would
    /// refuse in any case; [`JoseError::Crypto`] if the library fails.
    pub fn sign<P: Purpose>(&self, claims: &P) -> Result<String, JoseError> {
        claims.check()?;
        let mut payload = Vec::with_capacity(512);
        serde_json::to_writer(&mut payload, claims).map_err(|_| JoseError::Malformed)?;

        let header = &self.headers[P::KIND as usize];
        let signature_len = self.signature_len();
        let mut token = String::with_capacity(
            header.len() + BASE64URL_NOPAD.encode_len(payload.len()) + 1 + BASE64URL_NOPAD.encode_len(signature_len),
        );
        token.push_str(header);
        BASE64URL_NOPAD.encode_append(&payload, &mut token);
        self.append_signature(&mut token)?;
        Ok(token)
    }

    fn signature_len(&self) -> usize {
        match &self.pair {
            Pair::Ec(_) if self.algorithm() == Algorithm::Es384 => 96,
            Pair::Ec(_) | Pair::Ed(_) => 64,
            Pair::Rsa(pair) => pair.public_modulus_len(),
        }
    }

    pub(crate) fn append_signature(&self, token: &mut String) -> Result<(), JoseError> {
        let crypto = |_| JoseError::Crypto;
        let message = token.as_bytes();
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => {
                let signature = pair.sign(&rng, message).map_err(crypto)?;
                token.push('.');
                BASE64URL_NOPAD.encode_append(signature.as_ref(), token);
            }
            Pair::Ed(pair) => {
                let signature = pair.try_sign(message).map_err(crypto)?;
                token.push('.');
                BASE64URL_NOPAD.encode_append(signature.as_ref(), token);
            }
            Pair::Rsa(pair) => {
                let padding = if self.algorithm() == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &rng, message, &mut signature).map_err(crypto)?;
                token.push('.');
                BASE64URL_NOPAD.encode_append(&signature, token);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

fn public_numbers(pair: &Pair, algorithm: Algorithm) -> Numbers {
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    match pair {
        Pair::Ec(pair) => {
            // An uncompressed point: 0x04, x, y, the two of equal length (SEC 1 section 2.3.3).
            let (x, y) = {
                let point = &pair.public_key().as_ref()[1..];
                point.split_at(point.len() / 2)
            };
            let crv = if algorithm == Algorithm::Es384 { "P-384" } else { "P-256" };
            Numbers::Ec { crv, x: encode(x), y: encode(y) }
        }
        Pair::Ed(pair) => Numbers::Okp { x: encode(pair.public_key().as_ref()) },
        Pair::Rsa(pair) => {
            let key = pair.public_key();
            Numbers::Rsa {
                n: encode(key.modulus().big_endian_without_leading_zero()),
                e: encode(key.exponent().big_endian_without_leading_zero()),
            }
        }
    }
}

fn private_numbers(pair: &Pair) -> Result<PrivateNumbers, JoseError> {
    let crypto = |_| JoseError::Crypto;
    match pair {
        Pair::Ec(pair) => {
            let d = pair.private_key().as_be_bytes().map_err(crypto)?;
            Ok(PrivateNumbers::single(d.as_ref()))
        }
        Pair::Ed(pair) => {
            let seed = pair.seed().and_then(|seed| seed.as_be_bytes()).map_err(crypto)?;
            Ok(PrivateNumbers::single(seed.as_ref()))
        }
        Pair::Rsa(pair) => PrivateNumbers::from_rsa(pair),
    }
}

/// Builds the pair and checks that both halves belong together, so that we never sign with a key other
/// than the one we publish.
fn pair_of(public: &Jwk, private: &PrivateNumbers) -> Result<Pair, JoseError> {
    let rejected = |_| JoseError::Key;
    match public.numbers() {
        Numbers::Ec { x, y, .. } => {
            let algorithm = match public.algorithm() {
                Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
                _ => &ECDSA_P256_SHA256_FIXED_SIGNING,
            };
            let point = [&[0x04][..], &decode(x)?, &decode(y)?].concat();
            let d = private.d();
            // RFC 7518 section 6.2.2.1: the full width of the order.
            if d.len() * 2 + 1 != point.len() {
                return Err(JoseError::Key);
            }
            EcdsaKeyPair::from_private_key_and_public_key(algorithm, d, &point).map(Pair::Ec).map_err(rejected)
        }
        Numbers::Okp { x } => {
            let d = private.d();
            if d.len() != 32 {
                return Err(JoseError::Key);
            }
            Ed25519KeyPair::from_seed_and_public_key(d, &decode(x)?).map(Pair::Ed).map_err(rejected)
        }
        Numbers::Rsa { n, e } => private.rsa_pair(&decode(n)?, &decode(e)?).map(Pair::Rsa),
    }
}
