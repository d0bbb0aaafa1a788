//! Encrypted tokens (RFC 7516): genuine ones for a server's public key, and costly or invalid ones.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use serde_json::{Value, json};

use super::{Draft, ForgeError, PublicKey, encode, random_text};

/// A bent encrypted token and what is wrong with it.
pub use super::bent::Bent;

/// Encrypts `content` to `key`: RSA-OAEP-256 or, on P-256, ECDH-ES; always A256GCM. `extra` joins the header.
/// Whoever has the public key can do this, so an encrypted token proves nothing about who made it.
pub fn encrypt(key: &PublicKey, content: &[u8], extra: &Value) -> Result<String, ForgeError> {
    let mut header = json!({ "enc": "A256GCM" });
    if let (Some(header), Some(extra)) = (header.as_object_mut(), extra.as_object()) {
        header.extend(extra.clone());
    }
    let (content_key, wrapped) = match key {
        PublicKey::Rsa { .. } => {
            header["alg"] = "RSA-OAEP-256".into();
            let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&key.spki_der())?)?;
            let mut content_key = [0; 32];
            aws_lc_rs::rand::fill(&mut content_key)?;
            let mut wrapped = vec![0; key.ciphertext_size()];
            let wrapped = key.encrypt(&OAEP_SHA256_MGF1SHA256, &content_key, &mut wrapped, None)?.to_vec();
            (content_key, wrapped)
        }
        PublicKey::Ec { x, y } if x.len() == 32 => {
            let own = PrivateKey::generate(&ECDH_P256)?;
            let own_public = PublicKey::from_point(own.compute_public_key()?.as_ref());
            header["alg"] = "ECDH-ES".into();
            header["epk"] = own_public.jwk();
            let peer = UnparsedPublicKey::new(&ECDH_P256, [&[4], x.as_slice(), y].concat());
            (agree(&own, peer, ForgeError::Library, |shared| Ok(concat_kdf(shared)))?, Vec::new())
        }
        _ => return Err(ForgeError::Algorithm { kty: "OKP", alg: "ECDH-ES".into() }),
    };
    seal(&header, &wrapped, &content_key, content)
}

/// Encrypted shapes that need no key of the server: costly parameters, points off the curve, forbidden algorithms.
/// None can be decrypted by an honest server; a slow refusal or a different error is the finding.
pub fn hostile_shapes() -> Result<Vec<Bent>, ForgeError> {
    let off_curve = PublicKey::Ec { x: vec![1; 32], y: vec![2; 32] }.jwk();
    let shapes = [
        (
            "password-based, 10 million rounds",
            json!({
                "alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 10_000_000, "p2s": random_text(),
            }),
        ),
        ("RSA1_5", json!({ "alg": "RSA1_5", "enc": "A128CBC-HS256" })),
        ("agreement on a point off the curve", json!({ "alg": "ECDH-ES", "enc": "A256GCM", "epk": off_curve })),
        ("direct, with an empty key", json!({ "alg": "dir", "enc": "A256GCM" })),
        ("compressed", json!({ "alg": "dir", "enc": "A256GCM", "zip": "DEF" })),
    ];
    shapes
        .into_iter()
        .map(|(name, header)| {
            let wrapped = if header["alg"] == "dir" || header["alg"] == "ECDH-ES" { vec![] } else { vec![7; 256] };
            Ok(Bent::new(name, seal(&header, &wrapped, &[0; 32], b"{}")?))
        })
        .collect()
}

/// Unsigned claims, encrypted to the server's own public key: bare JSON, and a nested token with `alg` none.
pub fn unsigned_inside(key: &PublicKey, kid: &Value, draft: &Draft) -> Result<Vec<Bent>, ForgeError> {
    let named = |extra: Value| {
        let mut extra = extra;
        if !kid.is_null() {
            extra["kid"] = kid.clone();
        }
        extra
    };
    let bare = draft.claims().to_string();
    let nested = draft.clone().with_header("alg", "none").unsigned();
    Ok(vec![
        Bent::new("bare claims encrypted to the server's key", encrypt(key, bare.as_bytes(), &named(json!({})))?),
        Bent::new(
            "an unsigned token encrypted to the server's key",
            encrypt(key, nested.as_bytes(), &named(json!({ "cty": "JWT" })))?,
        ),
    ])
}

/// Concat KDF for ECDH-ES with A256GCM and no party names (RFC 7518 section 4.6.2).
fn concat_kdf(shared: &[u8]) -> [u8; 32] {
    let algorithm = b"A256GCM";
    let length = |bytes: usize| (bytes as u32).to_be_bytes();
    let input = [
        &length(1)[..],
        shared,
        &length(algorithm.len()),
        algorithm,
        &length(0), // apu
        &length(0), // apv
        &length(256),
    ]
    .concat();
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, &input).as_ref());
    out
}

fn seal(header: &Value, wrapped: &[u8], key: &[u8; 32], content: &[u8]) -> Result<String, ForgeError> {
    let protected = encode(header.to_string().as_bytes());
    let mut iv = [0; 12];
    aws_lc_rs::rand::fill(&mut iv)?;
    let mut sealed = content.to_vec();
    let tag = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?).seal_in_place_separate_tag(
        Nonce::assume_unique_for_key(iv),
        Aad::from(protected.as_bytes()),
        &mut sealed,
    )?;
    Ok([protected, encode(wrapped), encode(&iv), encode(&sealed), encode(tag.as_ref())].join("."))
}
