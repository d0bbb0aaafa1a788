//! What the forge makes is what it says: genuine tokens verify, bent ones do not, and each bend is the one named.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_900_000_000;

fn key(kind: KeyKind) -> SigningKey {
    SigningKey::generate(kind).unwrap()
}

fn draft() -> Draft {
    Draft::new(
        json!({ "typ": "JWT" }),
        json!({ "iss": "https://as.example", "sub": "alice", "aud": "https://api.example", "exp": NOW + 60, "iat": NOW }),
    )
}

fn header_of(token: &str) -> Value {
    let first = token.split('.').next().unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(first.as_bytes()).unwrap()).unwrap()
}

#[test]
fn each_kind_of_key_signs_what_verifies_and_only_under_its_own_set() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa2048] {
        let signer = key(kind);
        let token = draft().sign(&signer).unwrap();
        assert_eq!(verify(&token, &signer.jwks()).unwrap().claims["sub"], "alice", "{kind:?}");
        let namesake = key(kind).named(signer.kid());
        assert_eq!(verify(&token, &namesake.jwks()).unwrap_err(), VerifyError::Signature, "{kind:?}");
        assert_eq!(verify(&token, &json!({ "keys": [] })).unwrap_err(), VerifyError::Key, "{kind:?}");
    }
}

#[test]
fn a_private_jwk_reads_back_as_the_same_key() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa2048] {
        let first = key(kind).named("mine");
        let again = SigningKey::from_jwk(&first.private_jwk().unwrap()).unwrap();
        assert_eq!(again.public_jwk(), first.public_jwk(), "{kind:?}");
        assert!(verify(&draft().sign(&again).unwrap(), &first.jwks()).is_ok(), "{kind:?}");
    }
    assert_eq!(SigningKey::from_jwk(&json!({ "kty": "oct", "k": "AA" })).unwrap_err(), ForgeError::Jwk("kty"));
}

#[test]
fn an_rsa_key_signs_by_its_whole_family_and_by_nothing_else() {
    let signer = key(KeyKind::Rsa2048);
    for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let token = draft().with_header("alg", alg).with_header("kid", signer.kid()).sign_as(&signer, alg).unwrap();
        assert!(verify(&token, &signer.jwks()).is_ok(), "{alg}");
    }
    assert!(matches!(signer.sign("ES256", b""), Err(ForgeError::Algorithm { .. })));
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638_section_3_1() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj\
             hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ\
             vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
             nqDKgw";
    let key = PublicKey::from_jwk(&json!({ "kty": "RSA", "n": n, "e": "AQAB" })).unwrap();
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn public_keys_are_spelled_as_the_library_spells_them() {
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair, RsaKeyPair};
    let ec = EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der: PublicKeyX509Der = ec.public_key().as_der().unwrap();
    assert_eq!(PublicKey::from_point(ec.public_key().as_ref()).spki_der(), der.as_ref());
    let rsa = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der: PublicKeyX509Der = rsa.public_key().as_der().unwrap();
    let ours = PublicKey::Rsa {
        n: rsa.public_key().modulus().big_endian_without_leading_zero().to_vec(),
        e: rsa.public_key().exponent().big_endian_without_leading_zero().to_vec(),
    };
    assert_eq!(ours.spki_der(), der.as_ref());
    assert_eq!(ours.pkcs1_der().unwrap(), rsa.public_key().as_ref());
}

#[test]
fn no_bent_token_verifies_and_no_two_are_the_same() {
    for kind in [KeyKind::P256, KeyKind::Rsa2048, KeyKind::Ed25519] {
        let signer = key(kind);
        let token = draft().sign(&signer).unwrap();
        let genuine = verify(&token, &signer.jwks()).unwrap();
        let foreign = key(KeyKind::P256);
        let mut all = bent::algorithm_substitution(&genuine, &signer.jwks());
        all.extend(bent::key_injection(&genuine, &foreign, "http://127.0.0.1:9/keys").unwrap());
        all.extend(bent::weak_signature(&genuine));
        all.extend(bent::edited(&genuine));
        all.extend(bent::other_shapes(&token));
        let mut seen = HashSet::from([token]);
        for bent in all {
            assert!(verify(&bent.token, &signer.jwks()).is_err(), "{kind:?}: {} verifies", bent.name);
            // A signature of 64 bytes has two names among the zeros; the tokens are the same then.
            let twin = bent.name == "a signature of 64 zeros" && kind != KeyKind::Rsa2048;
            assert!(seen.insert(bent.token) || twin, "{kind:?}: {} repeats another", bent.name);
        }
    }
}

#[test]
fn hmac_with_the_public_key_is_what_a_confused_verifier_would_compute() {
    let signer = key(KeyKind::Rsa2048);
    let genuine = verify(&draft().sign(&signer).unwrap(), &signer.jwks()).unwrap();
    let all = bent::algorithm_substitution(&genuine, &signer.jwks());
    for (form, secret) in signer.public().spellings() {
        let name = format!("HS256 keyed with the public key as {form}");
        let bent = all.iter().find(|bent| bent.name == name).unwrap();
        let decoded = decode(&bent.token).unwrap();
        assert_eq!(decoded.header["alg"], "HS256");
        assert!(made_with(&decoded, &secret), "{form}");
        assert!(!made_with(&decoded, b"other"), "{form}");
    }
}

#[test]
fn injected_keys_verify_under_the_key_that_they_bring() {
    let signer = key(KeyKind::P256);
    let foreign = key(KeyKind::P256);
    let genuine = verify(&draft().sign(&signer).unwrap(), &signer.jwks()).unwrap();
    let all = bent::key_injection(&genuine, &foreign, "http://127.0.0.1:9/keys").unwrap();
    let in_jwk = all.iter().find(|bent| bent.name == "the foreign key in jwk").unwrap();
    let header = header_of(&in_jwk.token);
    // A verifier that believed the header would be convinced: that is the attack.
    assert!(verify(&in_jwk.token, &json!({ "keys": [header["jwk"]] })).is_ok());
    assert!(all.iter().any(|bent| header_of(&bent.token)["jku"] == "http://127.0.0.1:9/keys"));
}

#[test]
fn wrong_claims_are_genuinely_signed() {
    let signer = key(KeyKind::P256);
    let honest = proofs::client_assertion("robot", "https://as.example/token", NOW);
    assert!(verify(&honest.clone().sign(&signer).unwrap(), &signer.jwks()).is_ok());
    let right = honest.claims().clone();
    for bent in bent::wrong_claims(&honest, &signer, NOW).unwrap() {
        let decoded = verify(&bent.token, &signer.jwks()).unwrap_or_else(|why| panic!("{}: {why}", bent.name));
        assert_ne!(decoded.claims, right, "{}", bent.name);
    }
    for bent in bent::critical(&honest, &signer).unwrap() {
        assert!(verify(&bent.token, &signer.jwks()).unwrap().header.get("crit").is_some(), "{}", bent.name);
    }
}

#[test]
fn a_name_written_twice_stands_twice_in_the_text() {
    let signer = key(KeyKind::P256);
    let text = |part: &str| String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap();
    for bent in bent::duplicate_names(&draft(), &signer).unwrap() {
        let name = bent.name.split(' ').next().unwrap();
        let mut parts = bent.token.split('.');
        let (header, payload) = (text(parts.next().unwrap()), text(parts.next().unwrap()));
        let both = format!("{header}{payload}");
        assert_eq!(both.matches(&format!("\"{name}\":")).count(), 2, "{both}");
        serde_json::from_str::<Value>(&payload).unwrap();
    }
    let empty = Draft::new(json!({}), json!({})).with_claim_twice("a", 1).signing_input();
    assert_eq!(text(empty.split('.').nth(1).unwrap()), r#"{"a":1}"#);
}

#[test]
fn a_dpop_proof_names_request_key_and_token() {
    let signer = key(KeyKind::P256);
    let proof = proofs::dpop_proof(&signer, "GET", "https://api.example/mail?page=2#x", Some("token"), NOW);
    let token = proof.sign_as(&signer, "ES256").unwrap();
    let decoded = decode(&token).unwrap();
    assert!(verify(&token, &json!({ "keys": [decoded.header["jwk"]] })).is_ok());
    assert_eq!(decoded.header["typ"], "dpop+jwt");
    assert_eq!(decoded.claims["htu"], "https://api.example/mail");
    assert_eq!(decoded.claims["ath"], "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A");
    assert!(decoded.header["jwk"].get("d").is_none());
}

#[test]
fn an_encrypted_token_opens_for_the_owner_of_the_key() {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
    let owner = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let spki: aws_lc_rs::encoding::PublicKeyX509Der = owner.public_key().as_der().unwrap();
    let (n, e) = modulus_and_exponent(spki.as_ref());
    let token = jwe::encrypt(&PublicKey::Rsa { n, e }, b"{\"sub\":\"mallory\"}", &json!({ "kid": "k" })).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let bytes = |part: &str| data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
    let opener = OaepPrivateDecryptingKey::new(owner).unwrap();
    let mut content_key = vec![0; 512];
    let content_key =
        opener.decrypt(&OAEP_SHA256_MGF1SHA256, &bytes(parts[1]), &mut content_key, None).unwrap().to_vec();
    let mut sealed = [bytes(parts[3]), bytes(parts[4])].concat();
    let nonce = Nonce::try_assume_unique_for_key(&bytes(parts[2])).unwrap();
    let opened = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &content_key).unwrap())
        .open_in_place(nonce, Aad::from(parts[0].as_bytes()), &mut sealed)
        .unwrap();
    assert_eq!(opened, b"{\"sub\":\"mallory\"}");
}

/// The numbers of a 2048-bit key with the usual exponent, by their known places in SubjectPublicKeyInfo.
fn modulus_and_exponent(spki: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let end = spki.len();
    assert_eq!(&spki[end - 5..], &[0x02, 0x03, 1, 0, 1]);
    (spki[end - 5 - 256..end - 5].to_vec(), vec![1, 0, 1])
}

#[test]
fn hostile_encrypted_shapes_have_five_parts_and_announce_their_cost() {
    let all = jwe::hostile_shapes().unwrap();
    assert!(all.iter().all(|bent| bent.token.split('.').count() == 5));
    assert!(all.iter().any(|bent| header_of(&bent.token)["p2c"] == 10_000_000));
    let point = key(KeyKind::P256).public();
    let inside = jwe::unsigned_inside(&point, &json!("k"), &draft()).unwrap();
    assert!(inside.iter().all(|bent| header_of(&bent.token)["kid"] == "k"));
    assert!(jwe::encrypt(&key(KeyKind::Ed25519).public(), b"", &json!({})).is_err());
}
