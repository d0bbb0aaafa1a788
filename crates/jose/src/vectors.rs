//! Walks `vectors/jose`: keys, signatures and thumbprints printed in the RFCs. These tokens are of no
//! kind of ours, so they are checked here, below the claims.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use crate::{Algorithm, Jwk, Secret, SigningKey};

struct Vector {
    name: String,
    fields: BTreeMap<String, String>,
    jwk: Map<String, Value>,
    jws: String,
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/jose");
    let mut vectors = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (header, body) = text.split_once("\n\n").unwrap();
        let fields = header.lines().map(|line| line.split_once(": ").unwrap());
        let (jwk, jws) = body.trim_end().split_once('\n').unwrap();
        vectors.push(Vector {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            jwk: serde_json::from_str(jwk).unwrap(),
            jws: jws.to_owned(),
        });
    }
    assert!(vectors.len() >= 5, "the folder of vectors is not complete");
    vectors
}

fn public_part(vector: &Vector) -> Jwk {
    let mut members = vector.jwk.clone();
    members.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    Jwk::from_members(&members).unwrap()
}

#[test]
fn signatures_of_the_rfcs_verify_and_changed_ones_do_not() {
    let mut verified = 0;
    for vector in vectors().iter().filter(|vector| vector.jws != "-") {
        let key = public_part(vector);
        assert_eq!(key.algorithm().name(), vector.fields["alg"], "{}", vector.name);
        let (signed, signature) = vector.jws.rsplit_once('.').unwrap();
        let mut signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        assert_eq!(key.verify(signed.as_bytes(), &signature), Ok(()), "{}", vector.name);
        verified += 1;

        assert!(key.verify(&signed.as_bytes()[1..], &signature).is_err(), "{}", vector.name);
        for index in 0..signature.len() {
            signature[index] ^= 1;
            assert!(key.verify(signed.as_bytes(), &signature).is_err(), "{} {index}", vector.name);
            signature[index] ^= 1;
        }
    }
    assert_eq!(verified, 4);
}

#[test]
fn thumbprints_of_the_rfcs_are_ours() {
    let mut compared = 0;
    for vector in vectors() {
        if let Some(expected) = vector.fields.get("thumbprint") {
            assert_eq!(&public_part(&vector).thumbprint(), expected, "{}", vector.name);
            compared += 1;
        }
    }
    assert_eq!(compared, 2);
}

#[test]
fn private_keys_of_the_rfcs_load_and_deterministic_signatures_repeat() {
    for vector in vectors().into_iter().filter(|vector| vector.jws != "-") {
        let mut members = vector.jwk.clone();
        members.insert("alg".to_owned(), vector.fields["alg"].clone().into());
        let json = Secret::new(serde_json::to_string(&members).unwrap());
        let key = SigningKey::from_private_jwk(&json).unwrap();
        assert_eq!(key.public_jwk().thumbprint(), public_part(&vector).thumbprint());

        let (signed, signature) = vector.jws.rsplit_once('.').unwrap();
        let mut token = signed.to_owned();
        key.append_signature(&mut token).unwrap();
        if key.algorithm() != Algorithm::Es256 {
            assert_eq!(token.rsplit_once('.').unwrap().1, signature, "{}", vector.name);
        }
        // The written form reads back to the same key, private half included.
        let again = SigningKey::from_private_jwk(&key.to_private_jwk()).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        assert_eq!(again.to_private_jwk().expose(), key.to_private_jwk().expose());
    }
}
