use jose::{Algorithm, ClaimedClient, JoseError};

use crate::forge::*;

#[test]
fn jwe_abuse_five_parts_are_refused_before_anything_is_read() {
    let forge = Forge::new(Algorithm::Rs256);
    let headers = [
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#,
        r#"{"alg":"RSA1_5","enc":"A128CBC-HS256"}"#,
        r#"{"alg":"PBES2-HS256+A128KW","p2c":10000000,"p2s":"AAAAAAAAAAA","enc":"A128GCM"}"#,
        r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#,
        "not even JSON",
    ];
    for header in headers {
        let token = format!("{}.{}.AAAA.{}.AAAA", encode(header), "A".repeat(342), "A".repeat(4000));
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Encrypted);
        assert_eq!(refusal(forge.verify_assertion(&token)), JoseError::Encrypted);
        assert_eq!(ClaimedClient::read(&token), Err(JoseError::Encrypted));
    }
    assert!(JoseError::Encrypted.is_algorithm());
}

#[test]
fn jwe_abuse_encryption_algorithms_do_not_sign() {
    let forge = Forge::new(Algorithm::Rs256);
    for alg in ["RSA-OAEP", "RSA-OAEP-256", "RSA1_5", "dir", "ECDH-ES", "PBES2-HS256+A128KW", "A128GCMKW"] {
        let header = with(forge.header("at+jwt"), "alg", alg).to_string();
        let token = forge.token_of(&header, &access_claims().to_string());
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Algorithm);
    }
}
