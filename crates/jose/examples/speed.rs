//! Nanoseconds for each sign and verify, beside the bare library call on a message of the same length.
//!
//! `cargo run --release -p safeconduct-jose --example speed`

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
    ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use jose::{AccessToken, Algorithm, Audience, Expectation, ExpectedAudience, JwkSet, SigningKey, UnixTime, verify};

const NOW: UnixTime = UnixTime(1_900_000_000);

fn main() {
    println!("ns each      sign (bare / ours / more)    verify (bare / ours / more)");
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).expect("the system has randomness");
        let keys = JwkSet::from_keys([key.public_jwk().clone()]).expect("one key");
        let claims = claims();
        let token = key.sign(&claims).expect("good claims");
        let signed = token.rsplit_once('.').expect("three parts").0.as_bytes().to_vec();
        let (bare_sign, bare_verify) = bare(algorithm, &signed);
        let audience = ExpectedAudience::Contains(&["https://mail.example"]);
        let expect = Expectation::new("https://as.example", audience, &Algorithm::ALL, NOW);

        let (sign, bare_sign) = race(|| drop(black_box(key.sign(&claims))), bare_sign);
        let (check, bare_verify) = race(|| drop(black_box(verify::<AccessToken>(&token, &keys, &expect))), bare_verify);
        println!(
            "{algorithm:<8} {bare_sign:>9} {sign:>9} {:>8}  {bare_verify:>12} {check:>9} {:>8}",
            sign - bare_sign,
            check - bare_verify,
        );
    }
}

fn claims() -> AccessToken {
    AccessToken {
        iss: "https://as.example".to_owned(),
        sub: "0g1h2j3k4m5n6".to_owned(),
        aud: Audience::one("https://mail.example"),
        client_id: "mail-robot".to_owned(),
        scope: "mail:read mail:send".to_owned(),
        iat: NOW,
        exp: UnixTime(NOW.0 + 300),
        jti: "0g1h2j3k4m5n6.0g1h2j3k4m5n7".to_owned(),
        nbf: None,
        auth_time: Some(NOW),
        acr: Some("pwd".to_owned()),
        amr: Vec::new(),
        cnf: None,
    }
}

type Call<'a> = Box<dyn Fn() + 'a>;

/// The bare calls, with the same kind of key and message.
fn bare(algorithm: Algorithm, message: &[u8]) -> (Call<'_>, Call<'_>) {
    let rng = SystemRandom::new();
    match algorithm {
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().expect("a key");
            let public = ParsedPublicKey::new(&ED25519, pair.public_key().as_ref()).expect("its public key");
            let signature = pair.sign(message);
            (
                Box::new(move || {
                    let _ = black_box(pair.try_sign(message));
                }),
                Box::new(move || public.verify_sig(message, signature.as_ref()).expect("good")),
            )
        }
        Algorithm::Es256 | Algorithm::Es384 => {
            let pair = match algorithm {
                Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING),
                _ => EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING),
            }
            .expect("a key");
            let public = match algorithm {
                Algorithm::Es256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()),
                _ => ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, pair.public_key().as_ref()),
            }
            .expect("its public key");
            let signature = pair.sign(&rng, message).expect("a signature");
            (
                Box::new(move || {
                    let _ = black_box(pair.sign(&SystemRandom::new(), message));
                }),
                Box::new(move || public.verify_sig(message, signature.as_ref()).expect("good")),
            )
        }
        Algorithm::Ps256 | Algorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa3072).expect("a key");
            let (padding, parameters) = match algorithm {
                Algorithm::Ps256 => (&RSA_PSS_SHA256, &RSA_PSS_2048_8192_SHA256),
                _ => (&RSA_PKCS1_SHA256, &RSA_PKCS1_2048_8192_SHA256),
            };
            let public = ParsedPublicKey::new(parameters, pair.public_key().as_ref()).expect("its public key");
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(padding, &rng, message, &mut signature).expect("a signature");
            let length = signature.len();
            (
                Box::new(move || {
                    let mut signature = vec![0; length];
                    let _ = black_box(pair.sign(padding, &SystemRandom::new(), message, &mut signature));
                }),
                Box::new(move || public.verify_sig(message, &signature).expect("good")),
            )
        }
    }
}

/// The best of many short rounds of both in turn, so that a noisy machine disturbs both alike.
fn race(ours: impl Fn(), bare: impl Fn()) -> (i128, i128) {
    let once = time(&ours, 3).max(1);
    let calls = (5_000_000 / once).clamp(3, 200) as u32;
    let mut best = (i128::MAX, i128::MAX);
    for _ in 0..60 {
        best.0 = best.0.min(time(&ours, calls));
        best.1 = best.1.min(time(&bare, calls));
    }
    best
}

fn time(action: impl Fn(), calls: u32) -> i128 {
    let start = Instant::now();
    for _ in 0..calls {
        action();
    }
    let span: Duration = start.elapsed() / calls;
    span.as_nanos() as i128
}
