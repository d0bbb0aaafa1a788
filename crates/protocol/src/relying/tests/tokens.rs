//! What tokens may be used for.

use super::*;

#[test]
fn access_token_phishing_counterfeit_rs_tokens_go_to_their_origin_only() {
    let tokens = Provider::new().verify(|_| {}).unwrap();
    let access = tokens.access();
    for url in ["https://mail.example", "https://mail.example/messages?x=1", "https://login.example/userinfo"] {
        assert_eq!(
            access.authorization_for(url).map(|value| value.expose().clone()),
            Ok("Bearer at".to_owned()),
            "{url}"
        );
    }
    for url in [
        "http://mail.example/messages",
        "https://mail.example:8443/",
        "https://mail.example.evil.example/",
        "https://mail.example@evil.example/",
        "https://login.example/other",
        "mail.example",
    ] {
        assert_eq!(access.authorization_for(url).map(|_| ()), Err(WrongDestination), "{url}");
    }
}

#[test]
fn refresh_phishing_counterfeit_as_refresh_goes_to_its_own_issuer() {
    let tokens = Provider::new().verify(|_| {}).unwrap();
    let token = tokens.refresh().unwrap();
    let (request, _) = token.request(MOMENT).unwrap();
    assert_eq!(request.endpoint(), "https://login.example/token");
    let body = request.body().expose().clone();
    assert_eq!(body, "grant_type=refresh_token&refresh_token=rt&resource=https%3A%2F%2Fmail.example");
    let revocation = token.revocation(MOMENT).unwrap().unwrap();
    assert_eq!(revocation.body().expose(), "token=rt&token_type_hint=refresh_token");
}

#[test]
fn refresh_keeps_the_old_token_and_the_old_user() {
    let provider = Provider::new();
    let tokens = provider.verify(|_| {}).unwrap();
    let old = tokens.refresh().unwrap();
    let refreshed = |body: serde_json::Value| {
        let (_, expected) = old.request(MOMENT).unwrap();
        expected.parse(200, body.to_string().as_bytes()).unwrap().verify(&provider.keys, NOW)
    };
    let same = refreshed(json!({ "access_token": "at", "token_type": "Bearer" })).unwrap();
    assert_eq!(same.refresh().unwrap().expose_to_key_store().expose(), "rt");
    let rotated = refreshed(json!({ "access_token": "at", "token_type": "Bearer", "refresh_token": "rt2" })).unwrap();
    assert_eq!(rotated.refresh().unwrap().expose_to_key_store().expose(), "rt2");
    let mut claims = Provider::id_token("any");
    claims.sub = "user-2".to_owned();
    let id_token = provider.key.sign(&claims).unwrap();
    let swapped = refreshed(json!({ "access_token": "at", "token_type": "Bearer", "id_token": id_token }));
    assert_eq!(swapped.unwrap_err(), IdTokenError::SubjectMismatch);
}

#[test]
fn id_token_audience_confusion_userinfo_of_another_subject_is_refused() {
    let tokens = Provider::new().verify(|_| {}).unwrap();
    let identity = tokens.identity().unwrap();
    let read = |body: &str| UserInfo::parse(body.as_bytes(), identity);
    assert_eq!(read(r#"{"sub":"user-1","name":"A"}"#).unwrap().claim("name"), Some(&json!("A")));
    assert_eq!(read(r#"{"sub":"user-2"}"#), Err(UserInfoError::SubjectMismatch));
    for body in ["", "[]", "{}", r#"{"sub":"user-2","sub":"user-1"}"#] {
        assert_eq!(read(body), Err(UserInfoError::Document), "{body}");
    }
}

#[test]
fn code_client_mismatch_a_token_without_id_token_is_no_login() {
    let (request, expected) =
        TokenSet::client_credentials(server(), web(), "mail:read", "https://mail.example", MOMENT).unwrap();
    assert!(request.body().expose().starts_with("grant_type=client_credentials&scope=mail%3Aread&resource="));
    let tokens = expected.parse(200, br#"{"access_token":"at","token_type":"Bearer"}"#).unwrap();
    assert!(!tokens.needs_keys());
    let tokens = tokens.verify(&JwkSet::default(), NOW).unwrap();
    assert!(tokens.identity().is_none() && tokens.scope() == ["mail:read"]);
}

#[test]
fn obtain_access_token_from_client_tokens_do_not_print() {
    let tokens = Provider::new().verify(|_| {}).unwrap();
    let printed = format!("{tokens:?} {:?}", tokens.access());
    assert!(printed.contains("[redacted]"), "{printed}");
    assert!(!printed.contains("\"at\"") && !printed.contains("\"rt\"") && !printed.contains("eyJ"), "{printed}");
}

#[test]
fn resource_indicator_abuse_a_token_asked_for_nothing_goes_nowhere() {
    let start = AuthorizationStart::new(server(), web(), REDIRECT);
    for resource in ["mail", "http://mail.example", "https://mail.example#x"] {
        let start = AuthorizationStart::new(server(), web(), REDIRECT).resource(resource);
        assert_eq!(start.begin(&random(), NOW).err(), Some(StartError::Resource), "{resource}");
    }
    let (url, pending) = start.begin(&random(), NOW).unwrap();
    let pairs = form::parse(url.split_once('?').unwrap().1).unwrap();
    let state = pairs.into_iter().find(|(name, _)| name == "state").unwrap().1;
    let (_, expected) = pending.accept(&good_callback(&state), NOW).unwrap().token_request(MOMENT).unwrap();
    let tokens = expected.parse(200, br#"{"access_token":"at","token_type":"Bearer"}"#).unwrap();
    let tokens = tokens.verify(&JwkSet::default(), NOW).unwrap();
    assert_eq!(tokens.access().authorization_for("https://mail.example/").map(|_| ()), Err(WrongDestination));
}
