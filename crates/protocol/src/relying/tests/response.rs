//! The token request and response, and the ID token in it.

use super::*;

#[test]
fn code_injection_the_token_request_proves_the_flow() {
    let (request, _, _) = exchange();
    assert_eq!(request.endpoint(), "https://login.example/token");
    let pairs = form::parse(request.body().expose()).unwrap();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["grant_type", "code", "redirect_uri", "code_verifier", "resource"]);
    assert_eq!(pairs[3].1.len(), 43);
    // "app 1" and "sec:ret", form-encoded first.
    assert_eq!(request.authorization().unwrap().expose(), "Basic YXBwKzE6c2VjJTNBcmV0");
    let printed = format!("{request:?}");
    assert!(!printed.contains("abc") && !printed.contains(&pairs[3].1), "{printed}");
}

#[test]
fn a_good_answer_gives_tokens() {
    let tokens = Provider::new().verify(|_| {}).unwrap();
    assert_eq!(tokens.identity().map(|identity| (identity.issuer(), identity.subject())), Some((ISSUER, "user-1")));
    assert_eq!(tokens.refused_scope().collect::<Vec<_>>(), ["mail:read"]);
    assert!(tokens.access().is_fresh(NOW, Seconds(15)) && !tokens.access().is_fresh(NOW + Seconds(290), Seconds(15)));
}

#[test]
fn id_token_injection_nonce_and_at_hash_must_fit() {
    let provider = Provider::new();
    let refused = |change: fn(&mut IdToken)| provider.verify(change).unwrap_err();
    assert_eq!(refused(|claims| claims.nonce = Some("other".to_owned())), IdTokenError::NonceMismatch);
    assert_eq!(refused(|claims| claims.nonce = None), IdTokenError::NonceMismatch);
    let other = |claims: &mut IdToken| claims.at_hash = Some(jose::at_hash(Algorithm::Es256, "swapped"));
    assert_eq!(refused(other), IdTokenError::AccessTokenHash);
}

#[test]
fn id_token_audience_confusion_is_refused() {
    let provider = Provider::new();
    let refused = |change: fn(&mut IdToken)| provider.verify(change).unwrap_err();
    let audience = IdTokenError::Token(jose::JoseError::Audience);
    assert_eq!(refused(|claims| claims.aud = Audience::one("app 2")), audience);
    let many = |claims: &mut IdToken| claims.aud = Audience::many(["app 1".to_owned(), "app 2".to_owned()]);
    assert_eq!(refused(many), IdTokenError::Audience);
    assert_eq!(refused(|claims| claims.azp = Some("app 2".to_owned())), IdTokenError::Audience);
    let issuer = |claims: &mut IdToken| claims.iss = "https://evil.example".to_owned();
    assert_eq!(refused(issuer), IdTokenError::Token(jose::JoseError::Issuer));
    let expired = |claims: &mut IdToken| (claims.iat, claims.exp) = (UnixTime(NOW.0 - 9), NOW);
    assert_eq!(refused(expired), IdTokenError::Token(jose::JoseError::Expired));
}

#[test]
fn jwt_type_confusion_an_access_token_is_no_id_token() {
    let provider = Provider::new();
    let (_, expected, _) = exchange();
    let access = jose::AccessToken {
        iss: ISSUER.to_owned(),
        sub: "user-1".to_owned(),
        aud: Audience::one("app 1"),
        client_id: "app 1".to_owned(),
        scope: String::new(),
        iat: NOW,
        exp: NOW + Seconds(300),
        jti: "1".to_owned(),
        nbf: None,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        cnf: None,
    };
    let body = json!({
        "access_token": "at", "token_type": "Bearer", "id_token": provider.key.sign(&access).unwrap(),
    });
    let refused = expected.parse(200, body.to_string().as_bytes()).unwrap().verify(&provider.keys, NOW);
    assert_eq!(refused.unwrap_err(), IdTokenError::Token(jose::JoseError::Type));
}

#[test]
fn jwt_key_injection_an_unknown_key_is_told_apart() {
    let provider = Provider::new();
    let (_, expected, nonce) = exchange();
    let tokens = expected.parse(200, &provider.answer(&Provider::id_token(&nonce))).unwrap();
    assert!(tokens.needs_keys());
    assert_eq!(tokens.verify(&JwkSet::default(), NOW).unwrap_err(), IdTokenError::UnknownKey);
    assert_eq!(tokens.verify(&Provider::new().keys, NOW).unwrap_err(), IdTokenError::UnknownKey);
    assert!(tokens.verify(&provider.keys, NOW).is_ok());
}

#[test]
fn authentication_strength_bypass_max_age_needs_a_recent_auth_time() {
    let provider = Provider::new();
    let verify = |auth_time: Option<i64>| {
        let (url, pending) = start().max_age(Seconds(60)).begin(&random(), NOW).unwrap();
        let pairs = form::parse(url.split_once('?').unwrap().1).unwrap();
        let get = |name: &str| pairs.iter().find(|(known, _)| known == name).unwrap().1.clone();
        let code = pending.accept(&good_callback(&get("state")), NOW).unwrap();
        let (_, expected) = code.token_request(MOMENT).unwrap();
        let mut claims = Provider::id_token(&get("nonce"));
        claims.auth_time = auth_time.map(|ago| UnixTime(NOW.0 - ago));
        expected.parse(200, &provider.answer(&claims)).unwrap().verify(&provider.keys, NOW).map(|_| ())
    };
    assert_eq!(verify(Some(30)), Ok(()));
    for auth_time in [None, Some(3600), Some(-3600)] {
        assert_eq!(verify(auth_time), Err(IdTokenError::AuthTime), "{auth_time:?}");
    }
}

#[test]
fn token_responses_that_are_none_are_refused() {
    let parse = |status: u16, body: &str| exchange().1.parse(status, body.as_bytes()).map(|_| ()).unwrap_err();
    let missing = parse(200, r#"{"access_token":"at","token_type":"Bearer"}"#);
    assert_eq!(missing, TokenResponseError::MissingIdToken);
    let type_ = parse(200, r#"{"access_token":"at","token_type":"DPoP","id_token":"x"}"#);
    assert_eq!(type_, TokenResponseError::TokenType);
    for body in [
        "",
        "[]",
        r#"{"token_type":"Bearer"}"#,
        r#"{"access_token":"","token_type":"Bearer","id_token":"x"}"#,
        r#"{"access_token":"a\nb","token_type":"Bearer","id_token":"x"}"#,
        r#"{"access_token":"a","access_token":"b","token_type":"Bearer","id_token":"x"}"#,
        r#"{"access_token":"a","token_type":"Bearer","id_token":"x","expires_in":-1}"#,
        r#"{"access_token":"a","token_type":"Bearer","id_token":"x","scope":"a\"b"}"#,
    ] {
        assert_eq!(parse(200, body), TokenResponseError::Document, "{body}");
    }
    assert_eq!(parse(302, "{}"), TokenResponseError::Status(302));
    let refused = parse(400, r#"{"error":"invalid_grant","error_description":"gone\u0007"}"#);
    assert_eq!(refused.to_string(), "the authorization server refused: invalid_grant: gone");
}
