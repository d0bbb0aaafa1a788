//! Each refusal of a resource server. A function's name begins with the threat it defends against.

use jose::{AccessToken, Algorithm, Audience, IdToken, JoseError, JwkSet, Seconds, SigningKey, UnixTime};
use serde_json::json;

use super::*;
use crate::signal::Signal;

const NOW: UnixTime = UnixTime(1_800_000_000);
const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "https://mail.example";

fn rule() -> TokenRule {
    TokenRule::new(ISSUER, AUDIENCE).unwrap()
}

fn claims() -> AccessToken {
    AccessToken {
        iss: ISSUER.to_owned(),
        sub: "user-1".to_owned(),
        aud: Audience::one(AUDIENCE),
        client_id: "app".to_owned(),
        scope: "mail:read".to_owned(),
        iat: NOW,
        exp: NOW + Seconds(300),
        jti: "1".to_owned(),
        nbf: None,
        auth_time: Some(UnixTime(NOW.0 - 100)),
        acr: Some("password".to_owned()),
        amr: Vec::new(),
        cnf: None,
    }
}

fn bearer(token: &str) -> BearerToken {
    let value = format!("Bearer {token}");
    BearerToken::from_request([value.as_bytes()], None).unwrap()
}

fn check(change: impl FnOnce(&mut AccessToken)) -> Result<Access, Refusal> {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
    let mut claims = claims();
    change(&mut claims);
    rule().check_jwt(&bearer(&key.sign(&claims).unwrap()), &keys, NOW)
}

#[test]
fn a_good_token_names_user_client_and_scope() {
    let access = check(|_| {}).unwrap();
    let Principal::User(user) = access.principal() else { panic!("a user") };
    assert_eq!((user.issuer(), user.subject(), access.client_id()), (ISSUER, "user-1", "app"));
    assert!(access.has_scope("mail:read") && !access.has_scope("mail") && !access.has_scope("mail:send"));
}

#[test]
fn token_leak_logs_referrer_query_tokens_are_refused() {
    let header: [&[u8]; 1] = [b"Bearer abc"];
    for query in ["access_token=abc", "a=b&access_token=", "access%5Ftoken=x", "a=1&access_token"] {
        let refusal = BearerToken::from_request(header, Some(query)).unwrap_err();
        assert_eq!(refusal, Refusal::TokenInQuery, "{query}");
        assert_eq!(
            (refusal.status(), refusal.error(), refusal.signal()),
            (400, Some("invalid_request"), Some(Signal::TokenInQuery))
        );
    }
    assert!(BearerToken::from_request(header, Some("access=1&token=2")).is_ok());
}

#[test]
fn bearer_headers_are_read_strictly() {
    let read =
        |values: &[&str]| BearerToken::from_request(values.iter().map(|value| value.as_bytes()), None).map(|_| ());
    assert_eq!(read(&["Bearer abc"]), Ok(()));
    assert_eq!(read(&["bearer  a-._~+/=="]), Ok(()));
    for none in [&[][..], &["Basic abc"], &["DPoP abc"], &["Bearerabc"]] {
        assert_eq!(read(none), Err(Refusal::NoToken), "{none:?}");
    }
    for bad in ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer \"a\"", "Bearer =", "Bearer a=b"] {
        assert_eq!(read(&[bad]), Err(Refusal::MalformedCredentials), "{bad}");
    }
}

#[test]
fn dos_expensive_input_giant_tokens_are_not_looked_at() {
    let value = format!("Bearer {}", "a".repeat(20_000));
    assert_eq!(BearerToken::from_request([value.as_bytes()], None).unwrap_err(), Refusal::MalformedCredentials);
}

#[test]
fn access_token_guessing_a_signature_of_another_key_is_refused() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
    let (mine, theirs) = (key.sign(&claims()).unwrap(), SigningKey::generate(Algorithm::Es256).unwrap());
    let stolen = theirs.sign(&claims()).unwrap();
    let (signed, _) = mine.rsplit_once('.').unwrap();
    let (_, signature) = stolen.rsplit_once('.').unwrap();
    let refusal = rule().check_jwt(&bearer(&format!("{signed}.{signature}")), &keys, NOW).unwrap_err();
    assert_eq!(refusal, Refusal::Jwt(JoseError::Signature));
}

#[test]
fn cuckoos_token_one_subject_of_two_issuers_is_two_users() {
    let user = |issuer: &str| UserPrincipal { issuer: issuer.to_owned(), subject: "user-1".to_owned() };
    assert_ne!(user(ISSUER), user("https://evil.example"));
    let answer = json!({
        "active": true, "iss": "https://evil.example", "sub": "user-1", "aud": AUDIENCE, "client_id": "app",
        "exp": NOW.0 + 60,
    });
    let refused = rule().check_introspection(200, answer.to_string().as_bytes(), NOW);
    assert_eq!(refused.unwrap_err(), Refusal::Jwt(JoseError::Issuer));
}

#[test]
fn sender_constraint_not_enforced_several_credentials_are_refused() {
    let values: [&[u8]; 2] = [b"Bearer abc", b"DPoP def"];
    assert_eq!(BearerToken::from_request(values, None).unwrap_err(), Refusal::SeveralCredentials);
}

#[test]
fn sender_constraint_not_enforced_bound_tokens_are_no_bearer_tokens() {
    let bound = |claims: &mut AccessToken| claims.cnf = json!({ "jkt": "x" }).as_object().cloned();
    assert_eq!(check(bound).unwrap_err(), Refusal::SenderConstrained);
}

#[test]
fn token_abuse_across_resource_servers_other_audiences_are_refused() {
    for audience in
        ["https://other.example", "https://mail.example/", "https://mail.example.evil", "https://MAIL.example"]
    {
        let refusal = check(|claims| claims.aud = Audience::one(audience)).unwrap_err();
        assert_eq!(refusal, Refusal::Jwt(JoseError::Audience), "{audience}");
        assert_eq!(refusal.signal(), Some(Signal::TokenAudienceMismatch));
    }
    for (issuer, audience) in [(ISSUER, ""), (ISSUER, "mail"), ("", AUDIENCE), ("http://login.example", AUDIENCE)] {
        assert!(TokenRule::new(issuer, audience).is_err(), "{issuer} {audience}");
    }
}

#[test]
fn jwt_type_confusion_id_tokens_open_nothing() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
    let id_token = IdToken {
        iss: ISSUER.to_owned(),
        sub: "user-1".to_owned(),
        aud: Audience::one(AUDIENCE),
        azp: None,
        exp: NOW + Seconds(300),
        iat: NOW,
        nbf: None,
        jti: Some("1".to_owned()),
        auth_time: None,
        nonce: None,
        acr: None,
        amr: Vec::new(),
        at_hash: None,
        c_hash: None,
        sid: None,
        extra: json!({ "client_id": "app", "scope": "mail:read" }).as_object().cloned().unwrap(),
    };
    let refusal = rule().check_jwt(&bearer(&key.sign(&id_token).unwrap()), &keys, NOW).unwrap_err();
    assert_eq!(refusal, Refusal::Jwt(JoseError::Type));
    assert_eq!(refusal.signal(), Some(Signal::JwtTypeMismatch));
}

#[test]
fn jwt_claims_unchecked_dead_foreign_and_immortal_tokens_are_refused() {
    let refused = |change: fn(&mut AccessToken)| match check(change) {
        Err(Refusal::Jwt(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(|claims| (claims.iat, claims.exp) = (UnixTime(NOW.0 - 9), NOW)), JoseError::Expired);
    assert_eq!(refused(|claims| claims.nbf = Some(NOW + Seconds(100))), JoseError::NotYetValid);
    assert_eq!(refused(|claims| claims.iss = "https://evil.example".to_owned()), JoseError::Issuer);
    assert_eq!(refused(|claims| claims.exp = NOW + Seconds(7200)), JoseError::LifetimeTooLong);
}

#[test]
fn jwt_algorithm_substitution_only_listed_algorithms_count() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
    let token = bearer(&key.sign(&claims()).unwrap());
    let only_ed = rule().algorithms(&[Algorithm::EdDsa]);
    let refusal = only_ed.check_jwt(&token, &keys, NOW).unwrap_err();
    assert_eq!(refusal.signal(), Some(Signal::JwtAlgorithmRejected));
    let other = JwkSet::from_keys([SigningKey::generate(Algorithm::Es256).unwrap().public_jwk().clone()]).unwrap();
    let unknown = rule().check_jwt(&token, &other, NOW).unwrap_err();
    assert_eq!(
        (unknown.clone(), unknown.signal()),
        (Refusal::Jwt(JoseError::KeyNotFound), Some(Signal::TokenUnknownBurst))
    );
}

#[test]
fn resource_scope_not_enforced_each_route_has_its_scope() {
    let access = check(|_| {}).unwrap();
    assert_eq!(Requirement::user(["mail:read"]).check(&access, NOW), Ok(()));
    let refusal = Requirement::user(["mail:read", "mail:send"]).check(&access, NOW).unwrap_err();
    assert_eq!((refusal.status(), refusal.signal()), (403, Some(Signal::InsufficientScopeBurst)));
    let scope = ["mail:read".to_owned(), "mail:send".to_owned()];
    let challenge = refusal.challenge(&scope);
    assert!(
        challenge.starts_with("Bearer error=\"insufficient_scope\"")
            && challenge.ends_with("scope=\"mail:read mail:send\""),
        "{challenge}"
    );
    // A prefix or another case is another scope.
    for scope in ["mail", "mail:read ", "MAIL:READ", ""] {
        assert!(Requirement::user([scope]).check(&access, NOW).is_err(), "{scope}");
    }
}

#[test]
fn client_impersonating_resource_owner_principals_are_two_types() {
    let client = check(|claims| claims.sub = "app".to_owned()).unwrap();
    assert!(matches!(client.principal(), Principal::Client(_)));
    assert_eq!(Requirement::user(["mail:read"]).check(&client, NOW), Err(Refusal::WrongPrincipal));
    assert_eq!(Requirement::client(["mail:read"]).check(&client, NOW), Ok(()));
    let user = check(|_| {}).unwrap();
    assert_eq!(Requirement::client(["mail:read"]).check(&user, NOW), Err(Refusal::WrongPrincipal));
}

#[test]
fn authentication_strength_bypass_routes_compare_acr_and_auth_time() {
    let access = check(|_| {}).unwrap();
    let needs = |requirement: Requirement| requirement.check(&access, NOW);
    assert_eq!(needs(Requirement::user(["mail:read"]).acr("password").max_age(Seconds(100))), Ok(()));
    let stale = needs(Requirement::user(["mail:read"]).max_age(Seconds(60))).unwrap_err();
    assert!(
        stale.challenge(&[]).contains("error=\"insufficient_user_authentication\"")
            && stale.challenge(&[]).contains("max_age=\"60\"")
    );
    assert_eq!(stale.status(), 401);
    assert!(needs(Requirement::user(["mail:read"]).acr("passkey")).is_err());
    let silent = check(|claims| (claims.acr, claims.auth_time) = (None, None)).unwrap();
    assert!(Requirement::user(["mail:read"]).max_age(Seconds(60)).check(&silent, NOW).is_err());
    assert!(Requirement::user(["mail:read"]).acr("password").check(&silent, NOW).is_err());
}

#[test]
fn introspection_abuse_active_alone_is_not_enough() {
    let good = json!({
        "active": true, "iss": ISSUER, "sub": "user-1", "aud": AUDIENCE, "client_id": "app", "scope": "mail:read",
        "exp": NOW.0 + 60,
    });
    let check = |name: &str, value: serde_json::Value| {
        let mut answer = good.clone();
        match value {
            serde_json::Value::Null => drop(answer.as_object_mut().unwrap().remove(name)),
            value => answer[name] = value,
        }
        rule().check_introspection(200, answer.to_string().as_bytes(), NOW)
    };
    assert!(check("none", json!(1)).is_ok());
    assert_eq!(check("active", json!(false)).unwrap_err(), Refusal::Inactive);
    assert_eq!(check("aud", json!("https://other.example")).unwrap_err(), Refusal::Jwt(JoseError::Audience));
    assert_eq!(check("aud", json!(null)).unwrap_err(), Refusal::Jwt(JoseError::Audience));
    assert_eq!(check("iss", json!("https://evil.example")).unwrap_err(), Refusal::Jwt(JoseError::Issuer));
    assert_eq!(check("exp", json!(NOW.0)).unwrap_err(), Refusal::Jwt(JoseError::Expired));
    assert_eq!(check("cnf", json!({ "jkt": "x" })).unwrap_err(), Refusal::SenderConstrained);
    for (name, value) in [("exp", json!(null)), ("client_id", json!(null)), ("active", json!("true"))] {
        assert!(matches!(check(name, value), Err(Refusal::Introspection(_))), "{name}");
    }
    assert_eq!(rule().check_introspection(401, b"{}", NOW).unwrap_err(), Refusal::Unavailable);
    assert!(matches!(rule().check_introspection(200, b"true", NOW), Err(Refusal::Introspection(_))));
}

#[test]
fn protected_resource_injection_answers_hold_no_input() {
    let secret = "Bearer <script>alert(1)</script>";
    let refusal = BearerToken::from_request([secret.as_bytes()], None).unwrap_err();
    assert!(!refusal.challenge(&[]).contains("alert") && !refusal.to_string().contains("alert"));
    assert_eq!(Refusal::NoToken.challenge(&["mail:read".to_owned()]), "Bearer scope=\"mail:read\"");
    // RFC 6750 section 3: the characters that error_description may have.
    let all = [Refusal::Inactive, Refusal::TokenInQuery, Refusal::WrongPrincipal, Refusal::SeveralCredentials, refusal];
    for text in all.iter().filter_map(Refusal::description) {
        assert!(text.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{text}");
    }
}
