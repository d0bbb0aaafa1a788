use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jose::{Algorithm, JoseError, Jwk, JwkSet, Secret, SigningKey};
use serde_json::{Value, json};

use crate::forge::*;

const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384_ORDER: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
/// The order of the base point of edwards25519, little-endian.
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

fn b64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// The refusal of a good token whose signature was replaced.
fn with_signature(forge: &Forge, change: impl Fn(Vec<u8>) -> Vec<u8>) -> JoseError {
    let token = forge.token("at+jwt", &access_claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = change(BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap());
    refusal(forge.verify_access(&format!("{signed}.{}", b64(&signature))))
}

#[test]
fn jwt_weak_key_or_signature_zero_and_out_of_range_numbers_are_refused() {
    for (algorithm, order) in [(Algorithm::Es256, P256_ORDER), (Algorithm::Es384, P384_ORDER)] {
        let forge = Forge::new(algorithm);
        let order = HEXLOWER.decode(order.as_bytes()).unwrap();
        let zero = vec![0; order.len()];
        let mut one = zero.clone();
        one[order.len() - 1] = 1;
        let max = vec![0xff; order.len()];
        let numbers = [&zero, &one, &order, &max];
        for r in numbers {
            for s in numbers {
                assert_eq!(with_signature(&forge, |_| [&r[..], s].concat()), JoseError::Signature);
            }
        }
        // r kept, s replaced, and the reverse.
        for number in [&zero, &order, &max] {
            let half = order.len();
            assert_eq!(with_signature(&forge, |good| [&good[..half], number].concat()), JoseError::Signature);
            assert_eq!(with_signature(&forge, |good| [&number[..], &good[half..]].concat()), JoseError::Signature);
        }
    }
}

#[test]
fn jwt_weak_key_or_signature_der_and_wrong_widths_are_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384] {
        let forge = Forge::new(algorithm);
        let der = |good: Vec<u8>| {
            let integer = |number: &[u8]| {
                let pad: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
                [&[0x02, (pad.len() + number.len()) as u8], pad, number].concat()
            };
            let (r, s) = good.split_at(good.len() / 2);
            let body = [integer(r), integer(s)].concat();
            [&[0x30, body.len() as u8][..], &body].concat()
        };
        assert_eq!(with_signature(&forge, der), JoseError::Signature);
    }
    for algorithm in Algorithm::ALL {
        let forge = Forge::new(algorithm);
        assert_eq!(with_signature(&forge, |good| good[1..].to_vec()), JoseError::Signature);
        assert_eq!(with_signature(&forge, |good| good[..good.len() - 1].to_vec()), JoseError::Signature);
        assert_eq!(with_signature(&forge, |good| [&[0][..], &good].concat()), JoseError::Signature);
        assert_eq!(with_signature(&forge, |good| [&good[..], &[0]].concat()), JoseError::Signature);
        assert_eq!(with_signature(&forge, |good| vec![0; good.len()]), JoseError::Signature);
        assert_eq!(with_signature(&forge, |good| vec![0xff; good.len()]), JoseError::Signature);
    }
    // Padding r and s alike to another width keeps their values.
    let forge = Forge::new(Algorithm::Es256);
    let widened = |good: Vec<u8>| [&[0; 16][..], &good[..32], &[0; 16], &good[32..]].concat();
    assert_eq!(with_signature(&forge, widened), JoseError::Signature);
}

#[test]
fn jwt_weak_key_or_signature_ed25519_has_one_signature_for_a_message() {
    let forge = Forge::new(Algorithm::EdDsa);
    let order = HEXLOWER.decode(ED25519_ORDER.as_bytes()).unwrap();
    let plus_order = |mut good: Vec<u8>| {
        let mut carry = 0u16;
        for (byte, add) in good[32..].iter_mut().zip(&order) {
            carry += u16::from(*byte) + u16::from(*add);
            *byte = carry as u8;
            carry >>= 8;
        }
        good
    };
    assert_eq!(with_signature(&forge, plus_order), JoseError::Signature);
}

fn rsa(n: &[u8], e: &[u8]) -> Result<Jwk, JoseError> {
    Jwk::from_value(&json!({ "kty": "RSA", "n": b64(n), "e": b64(e) }))
}

#[test]
fn jwt_weak_key_or_signature_rsa_keys_have_2048_bits_and_a_proper_exponent() {
    const F4: &[u8] = &[1, 0, 1];
    let modulus = |bytes: usize| {
        let mut n = vec![0x5a; bytes];
        n[0] = 0x80;
        n[bytes - 1] = 0x0b;
        n
    };
    let good = modulus(256);
    assert!(rsa(&good, F4).is_ok());
    assert!(rsa(&modulus(512), F4).is_ok());
    assert_eq!(rsa(&modulus(128), F4).unwrap_err(), JoseError::WeakKey);
    assert_eq!(rsa(&modulus(255), F4).unwrap_err(), JoseError::WeakKey);
    let mut short = good.clone();
    short[0] = 0x7f;
    assert_eq!(rsa(&short, F4).unwrap_err(), JoseError::WeakKey, "2047 bits");
    let mut even = good.clone();
    even[255] = 0x0a;
    assert_eq!(rsa(&even, F4).unwrap_err(), JoseError::WeakKey);
    for exponent in [&[1][..], &[3], &[17], &[1, 0, 0], &[0xff, 0xff]] {
        assert_eq!(rsa(&good, exponent).unwrap_err(), JoseError::WeakKey, "{exponent:?}");
    }
    // Too large to compute with on a stranger's behalf.
    assert_eq!(rsa(&modulus(1024), F4).unwrap_err(), JoseError::UnsupportedKey);
    assert_eq!(rsa(&good, &[1, 0, 0, 0, 0, 1]).unwrap_err(), JoseError::UnsupportedKey);
    // Other spellings of the same number would be other thumbprints.
    assert_eq!(rsa(&[&[0][..], &good].concat(), F4).unwrap_err(), JoseError::Key);
    assert_eq!(rsa(&good, &[0, 1, 0, 1]).unwrap_err(), JoseError::Key);
    assert_eq!(rsa(&[], F4).unwrap_err(), JoseError::Key);
    assert_eq!(rsa(&good, &[]).unwrap_err(), JoseError::Key);
    // A weak key spoils its set: nobody who publishes one should be trusted for the others.
    let set = json!({ "keys": [{ "kty": "RSA", "n": b64(&modulus(128)), "e": "AQAB" }] });
    assert_eq!(JwkSet::from_value(&set).unwrap_err(), JoseError::WeakKey);
    assert!(JoseError::WeakKey.is_algorithm());
}

#[test]
fn jwt_weak_key_or_signature_points_must_lie_on_their_curve() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384] {
        let jwk = Forge::new(algorithm).jwk();
        let x = BASE64URL_NOPAD.decode(jwk["x"].as_str().unwrap().as_bytes()).unwrap();
        let mut off = x.clone();
        off[x.len() - 1] ^= 1;
        for point in [off, vec![0; x.len()], vec![0xff; x.len()]] {
            let result = Jwk::from_value(&with(jwk.clone(), "x", b64(&point)));
            assert_eq!(result.unwrap_err(), JoseError::WeakKey);
        }
        let infinity = with(with(jwk.clone(), "x", b64(&vec![0; x.len()])), "y", b64(&vec![0; x.len()]));
        assert_eq!(Jwk::from_value(&infinity).unwrap_err(), JoseError::WeakKey);
        for width in [0, 1, x.len() - 1, x.len() + 1, 2 * x.len()] {
            let result = Jwk::from_value(&with(jwk.clone(), "x", b64(&vec![1; width])));
            assert_eq!(result.unwrap_err(), JoseError::Key);
        }
    }
    let mut crossed = Forge::new(Algorithm::Es256).jwk();
    crossed["crv"] = "P-384".into();
    assert!(Jwk::from_value(&crossed).is_err());
}

#[test]
fn jwt_weak_key_or_signature_small_order_and_unreduced_ed25519_keys_are_refused() {
    let points = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for point in points {
        let mut point = HEXLOWER.decode(point.as_bytes()).unwrap();
        for sign in [0, 0x80] {
            point[31] ^= sign;
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&point) });
            assert_eq!(Jwk::from_value(&jwk).unwrap_err(), JoseError::WeakKey, "{point:02x?}");
        }
    }
    for width in [0, 31, 33, 44] {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&vec![9; width]) });
        assert_eq!(Jwk::from_value(&jwk).unwrap_err(), JoseError::Key);
    }
}

#[test]
fn jwt_weak_key_or_signature_keys_are_read_strictly() {
    let good = Forge::new(Algorithm::Es256).jwk();
    assert!(Jwk::from_value(&good).is_ok());
    let cases: [(&str, Value, JoseError); 13] = [
        ("use", json!("enc"), JoseError::UnsupportedKey),
        ("use", json!(1), JoseError::Key),
        ("key_ops", json!(["encrypt"]), JoseError::UnsupportedKey),
        ("key_ops", json!(["sign"]), JoseError::UnsupportedKey),
        ("key_ops", json!(["verify", "verify"]), JoseError::Key),
        ("key_ops", json!(["verify", 1]), JoseError::Key),
        ("key_ops", json!("verify"), JoseError::Key),
        ("kty", json!("ec"), JoseError::UnsupportedKey),
        ("kty", json!(null), JoseError::Key),
        ("crv", json!("secp256k1"), JoseError::UnsupportedKey),
        ("x", json!(7), JoseError::Key),
        ("alg", json!(7), JoseError::Key),
        ("x", json!(format!("{}=", good["x"].as_str().unwrap())), JoseError::Key),
    ];
    for (name, value, reason) in cases {
        let result = Jwk::from_value(&with(good.clone(), name, value.clone()));
        assert_eq!(result.unwrap_err(), reason, "{name} {value}");
    }
    let twice = format!(r#"{{"kty":"RSA",{}"#, &good.to_string()[1..]);
    assert_eq!(Jwk::parse(&twice).unwrap_err(), JoseError::Key, "duplicate member");
    assert!(serde_json::from_str::<Jwk>(&twice).is_err());
    assert_eq!(Jwk::parse("7").unwrap_err(), JoseError::Key);
    let key = Jwk::from_value(&with(good.clone(), "key_ops", json!(["verify", "sign"]))).unwrap();
    assert_eq!(Jwk::parse(&serde_json::to_string(&key).unwrap()).unwrap(), key);
}

#[test]
fn jwt_weak_key_or_signature_generated_keys_are_strong_and_survive_a_round_trip() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let public = serde_json::to_value(key.public_jwk()).unwrap();
        if let Some(n) = public["n"].as_str() {
            assert_eq!(BASE64URL_NOPAD.decode(n.as_bytes()).unwrap().len(), 3072 / 8);
        }
        assert_eq!(key.kid(), key.public_jwk().thumbprint());
        assert!(["d", "p", "q", "dp", "dq", "qi"].iter().all(|name| public.get(name).is_none()));
        let again = SigningKey::from_private_jwk(&key.to_private_jwk()).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        assert_eq!(again.to_private_jwk().expose(), key.to_private_jwk().expose());
        assert_eq!(format!("{:?}", key.to_private_jwk()), "[redacted]");
        let d: Value = serde_json::from_str(key.to_private_jwk().expose()).unwrap();
        assert!(!format!("{key:?}").contains(d["d"].as_str().unwrap()));
    }
}

#[test]
fn jwt_weak_key_or_signature_private_keys_are_read_strictly() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256] {
        let read = |jwk: &Value| SigningKey::from_private_jwk(&Secret::new(jwk.to_string())).map(|_| ());
        let value = |key: &SigningKey| -> Value { serde_json::from_str(key.to_private_jwk().expose()).unwrap() };
        let (mine, other) =
            (value(&SigningKey::generate(algorithm).unwrap()), value(&SigningKey::generate(algorithm).unwrap()));
        assert_eq!(read(&mine), Ok(()));
        // A private half that belongs to another key.
        assert_eq!(read(&with(mine.clone(), "d", other["d"].clone())), Err(JoseError::Key));
        for name in mine.as_object().unwrap().keys().filter(|name| !["kid", "use"].contains(&name.as_str())) {
            assert!(read(&without(mine.clone(), name)).is_err(), "{algorithm} without {name}");
        }
        assert_eq!(read(&without(mine.clone(), "alg")), Err(JoseError::Algorithm));
        assert_eq!(read(&without(mine.clone(), "kid")), Ok(()));
        assert_eq!(read(&with(mine.clone(), "use", "enc")), Err(JoseError::UnsupportedKey));
        assert_eq!(read(&with(mine.clone(), "key_ops", json!(["verify"]))), Err(JoseError::UnsupportedKey));
        assert_eq!(read(&with(mine.clone(), "key_ops", json!(["sign"]))), Ok(()));
        assert_eq!(read(&with(mine.clone(), "oth", json!([]))), Err(JoseError::UnsupportedKey));
        let longer = format!("{}AA", mine["d"].as_str().unwrap());
        assert!(read(&with(mine.clone(), "d", longer)).is_err());
    }
}
