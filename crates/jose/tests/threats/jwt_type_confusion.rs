use data_encoding::{BASE64URL, BASE64URL_NOPAD};
use jose::{Algorithm, ClaimedClient, JoseError};
use serde_json::{Value, json};

use crate::forge::*;

/// A token of each kind, all by one key, all for one reader: only typ and the set of claims differ.
fn one_of_each(forge: &Forge) -> [(&'static str, String); 3] {
    [
        ("access", forge.token("at+jwt", &access_claims())),
        ("id", forge.token("JWT", &id_claims())),
        ("assertion", forge.token("client-authentication+jwt", &assertion_claims())),
    ]
}

#[test]
fn jwt_type_confusion_every_kind_refuses_every_other() {
    let forge = Forge::new(Algorithm::Es256);
    for (kind, token) in one_of_each(&forge) {
        assert_eq!(forge.verify_access(&token).is_ok(), kind == "access", "{kind} as access");
        assert_eq!(forge.verify_id(&token).is_ok(), kind == "id", "{kind} as id");
        assert_eq!(forge.verify_assertion(&token).is_ok(), kind == "assertion", "{kind} as assertion");
    }
}

#[test]
fn jwt_type_confusion_typ_alone_decides_when_the_claims_would_fit_all() {
    // Claims that satisfy every kind and every expectation.
    let everything = json!({
        "iss": ISSUER, "sub": ISSUER, "aud": [ISSUER, API, CLIENT], "client_id": CLIENT,
        "iat": NOW, "exp": NOW + 60, "jti": "1",
    });
    let forge = Forge::new(Algorithm::Es256);
    let expect = jose::Expectation::new(
        ISSUER,
        jose::ExpectedAudience::Contains(&[ISSUER]),
        &Algorithm::ALL,
        jose::UnixTime(NOW),
    );
    // typ, then whether it is an access token, an ID token, a client assertion.
    let table: [(Option<&str>, [bool; 3]); 16] = [
        (Some("at+jwt"), [true, false, false]),
        (Some("application/at+jwt"), [true, false, false]),
        (Some("AT+JWT"), [true, false, false]),
        (Some("JWT"), [false, true, true]),
        (Some("jwt"), [false, true, true]),
        (None, [false, true, true]),
        (Some("client-authentication+jwt"), [false, false, true]),
        (Some("application/client-authentication+jwt"), [false, false, true]),
        (Some("logout+jwt"), [false, false, false]),
        (Some("dpop+jwt"), [false, false, false]),
        (Some("oauth-authz-req+jwt"), [false, false, false]),
        (Some("secevent+jwt"), [false, false, false]),
        (Some("token-introspection+jwt"), [false, false, false]),
        (Some("oauth-client-attestation+jwt"), [false, false, false]),
        (Some("application/application/at+jwt"), [false, false, false]),
        (Some(""), [false, false, false]),
    ];
    for (typ, [access, id, assertion]) in table {
        let header = match typ {
            Some(typ) => forge.header(typ),
            None => without(forge.header(""), "typ"),
        };
        let token = forge.token_of(&header.to_string(), &everything.to_string());
        let reason = |accepted: bool| {
            if accepted { None } else { Some(JoseError::Type) }
        };
        let keys = forge.keys();
        assert_eq!(jose::verify::<jose::AccessToken>(&token, &keys, &expect).err(), reason(access), "{typ:?}");
        assert_eq!(jose::verify::<jose::IdToken>(&token, &keys, &expect).err(), reason(id), "{typ:?}");
        assert_eq!(jose::verify::<jose::ClientAssertion>(&token, &keys, &expect).err(), reason(assertion), "{typ:?}");
    }
    assert!(JoseError::Type.is_type());
}

#[test]
fn jwt_type_confusion_claims_betray_other_kinds_without_typ() {
    let forge = Forge::new(Algorithm::Es256);
    let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let logout = with(without(id_claims(), "nonce"), "events", events.clone());
    assert_eq!(refusal(forge.verify_id(&forge.token("JWT", &logout))), JoseError::Type);
    assert_eq!(
        refusal(forge.verify_access(&forge.token("at+jwt", &with(access_claims(), "events", events)))),
        JoseError::Type
    );
    for (name, value) in [
        ("response_type", json!("code")),
        ("response_mode", json!("jwt")),
        ("redirect_uri", json!("https://client.example/cb")),
        ("scope", json!("openid")),
        ("nonce", json!("n")),
        ("htm", json!("POST")),
        ("events", json!({})),
        ("events", json!(null)),
    ] {
        let token = forge.token("JWT", &with(assertion_claims(), name, value));
        assert_eq!(refusal(forge.verify_assertion(&token)), JoseError::Type, "{name}");
    }
}

#[test]
fn jwt_type_confusion_typ_must_be_text() {
    let forge = Forge::new(Algorithm::Es256);
    for typ in [json!(null), json!(["at+jwt"]), json!(1)] {
        let header = with(forge.header(""), "typ", typ).to_string();
        let token = forge.token_of(&header, &id_claims().to_string());
        assert_eq!(refusal(forge.verify_id(&token)), JoseError::Malformed);
    }
}

#[test]
fn jwt_type_confusion_only_three_parts_in_strict_base64url() {
    let forge = Forge::new(Algorithm::Es256);
    let token = forge.token("at+jwt", &access_claims());
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let last = signature.as_bytes()[signature.len() - 1];
    // 64 bytes leave four bits of the last character unused: it is A, Q, g or w, and the next one in
    // the alphabet is the next in ASCII.
    let stray = char::from(last + 1);
    let padded = |part: &str| BASE64URL.encode(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap());
    let flattened = json!({ "protected": header, "payload": payload, "signature": signature }).to_string();
    let general = json!({ "payload": payload, "signatures": [{ "protected": header, "signature": signature }] });
    let broken = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{header}.{payload}.{}", padded(signature)),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.+{}", &signature[1..]),
        format!("{header}.{payload}./{}", &signature[1..]),
        format!("{header}.{payload}.{}{stray}", &signature[..signature.len() - 1]),
        format!("{header}.{payload}.{}é", &signature[..signature.len() - 2]),
        flattened,
        general.to_string(),
        format!("Bearer {token}"),
    ];
    for text in broken {
        assert_eq!(refusal(forge.verify_access(&text)), JoseError::Malformed, "{text}");
    }
    assert!(forge.verify_access(&token).is_ok());
}

#[test]
fn jwt_type_confusion_padding_is_refused_in_every_part() {
    let forge = Forge::new(Algorithm::Es256);
    // Padded before signing, so that the signature is right and only the form is not.
    for (pad_header, pad_payload) in [(true, false), (false, true)] {
        let pad = |text: &str, padded: bool| {
            // Only lengths that do not divide by three need padding.
            let text = format!("{text}{}", if text.len().is_multiple_of(3) { " " } else { "" });
            if padded { BASE64URL.encode(text.as_bytes()) } else { encode(&text) }
        };
        let header = pad(&forge.header("at+jwt").to_string(), pad_header);
        let payload = pad(&access_claims().to_string(), pad_payload);
        assert!(header.contains('=') || payload.contains('='));
        let signed = format!("{header}.{payload}");
        let token = format!("{signed}.{}", BASE64URL_NOPAD.encode(&forge.sign(signed.as_bytes())));
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Malformed);
    }
}

#[test]
fn jwt_type_confusion_header_and_payload_are_json_objects() {
    let forge = Forge::new(Algorithm::Es256);
    let header = forge.header("at+jwt").to_string();
    let claims = access_claims().to_string();
    for text in
        ["", "{", "[]", "null", "7", "\"x\"", "{}{}", "{} x", "{'a':1}", "{\"a\":1,}", "\u{feff}{}", "{\"a\":NaN}"]
    {
        let token = forge.token_of(&header, text);
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Malformed, "payload {text}");
        let token = forge.token_of(text, &claims);
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Malformed, "header {text}");
    }
    for text in
        [format!("\u{feff}{claims}"), format!("{claims}{claims}"), format!("{claims}\u{0}"), format!("[{claims}]")]
    {
        assert_eq!(refusal(forge.verify_access(&forge.token_of(&header, &text))), JoseError::Malformed);
    }
    // Not UTF-8: 0xff inside a string.
    let mut raw = claims.clone().into_bytes();
    let position = claims.find("alice").unwrap();
    raw[position] = 0xff;
    let signed = format!("{}.{}", encode(&header), BASE64URL_NOPAD.encode(&raw));
    let token = format!("{signed}.{}", BASE64URL_NOPAD.encode(&forge.sign(signed.as_bytes())));
    assert!(matches!(refusal(forge.verify_access(&token)), JoseError::Malformed | JoseError::ClaimType));
}

#[test]
fn jwt_type_confusion_duplicate_names_are_refused() {
    let forge = Forge::new(Algorithm::Es256);
    let header = forge.header("at+jwt").to_string();
    let claims = access_claims().to_string();
    let doubled = |text: &str, member: &str| format!("{{{member},{}", &text[1..]);
    for member in [
        r#""exp":1"#,
        r#""e\u0078p":1"#,
        r#""aud":[]"#,
        r#""x":1,"x":1"#,
        r#""x":{"a":1,"a":2}"#,
        r#""x":[[{"a":1,"a":2}]]"#,
    ] {
        let token = forge.token_of(&header, &doubled(&claims, member));
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Duplicate, "{member}");
    }
    for member in [r#""alg":"none""#, r#""typ":"JWT""#, r#""kid":"x""#, r#""\u0061lg":"none""#, r#""x":{"y":1,"y":1}"#]
    {
        let token = forge.token_of(&doubled(&header, member), &claims);
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::Duplicate, "{member}");
    }
    let assertion = doubled(&assertion_claims().to_string(), r#""sub":"someone""#);
    assert_eq!(ClaimedClient::read(&forge.token_of(&header, &assertion)), Err(JoseError::Duplicate));
}

#[test]
fn jwt_type_confusion_deep_and_huge_tokens_are_refused() {
    let forge = Forge::new(Algorithm::Es256);
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    assert!(forge.verify_access(&forge.token("at+jwt", &with(access_claims(), "x", nested(6)))).is_ok());
    for depth in [8, 100, 1000] {
        let claims = access_claims().to_string();
        let claims = format!(r#"{{"x":{}{},{}"#, "[".repeat(depth), "]".repeat(depth), &claims[1..]);
        let token = forge.token_of(&forge.header("at+jwt").to_string(), &claims);
        assert_eq!(refusal(forge.verify_access(&token)), JoseError::TooDeep);
    }
    let token = forge.token("at+jwt", &with(access_claims(), "x", "x".repeat(16 * 1024)));
    assert_eq!(refusal(forge.verify_access(&token)), JoseError::TooLong);
    assert_eq!(ClaimedClient::read(&token), Err(JoseError::TooLong));
    let header = with(forge.header("at+jwt"), "x", "x".repeat(2048)).to_string();
    let token = forge.token_of(&header, &access_claims().to_string());
    assert_eq!(refusal(forge.verify_access(&token)), JoseError::TooLong);
    let crowded: serde_json::Map<String, Value> = (0..200).map(|n| (n.to_string(), json!(n))).collect();
    let token = forge.token("at+jwt", &with(access_claims(), "x", crowded));
    assert_eq!(refusal(forge.verify_access(&token)), JoseError::Malformed);
}
