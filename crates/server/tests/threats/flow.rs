//! The honest way, so that every refusal elsewhere is a refusal of something that works.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{Browser, CALLBACK, CONFIG, ISSUER, MAILBOX, NATIVE_CALLBACK, PASSWORD, Server, request};

#[tokio::test]
async fn code_refresh_userinfo_introspection_and_revocation() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    let api = server
        .client(json!({"client_id": "mail-api", "grant_types": [], "introspect_resources": [MAILBOX],
            "token_endpoint_auth_method": "client_secret_post"}))
        .await;
    let subject = server.user("ada").await;
    let mut browser = Browser::default();
    let code = browser.code(&server, &robot, CALLBACK, "openid email mail:read").await;
    let answer = server.redeem(&robot, &code, CALLBACK).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid email mail:read");
    assert_eq!(tokens["expires_in"], 300);
    let access = tokens["access_token"].as_str().expect("a token");

    let userinfo = server.with_bearer("/userinfo", access).await;
    assert_eq!(userinfo.json(), json!({"sub": subject, "email": "ada@example.com", "email_verified": true}));

    let secret = api.secret.as_deref().expect("a secret");
    let introspect = [("token", access), ("client_id", "mail-api"), ("client_secret", secret)];
    let known = server.post("/introspect", &introspect).await.json();
    assert_eq!(
        (&known["active"], &known["sub"], &known["client_id"]),
        (&json!(true), &json!(subject), &json!("robot"))
    );
    assert_eq!(known["aud"], json!([MAILBOX]), "an API hears of itself only");
    let payload = access.split('.').nth(1).expect("a payload").as_bytes();
    let claims = data_encoding::BASE64URL_NOPAD.decode(payload).expect("base64url");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(known["jti"], claims["jti"], "one token, one name");

    let refreshed = server.refresh(&robot, tokens["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    let newer = refreshed.json();
    let given_back = [("token", newer["refresh_token"].as_str().expect("a token"))];
    assert_eq!(server.token_as(&robot, "/revoke", &given_back).await.status, StatusCode::OK);
    // revocation_incomplete: with the grant everything ends, JWTs included.
    assert_eq!(server.post("/introspect", &introspect).await.json(), json!({"active": false}));
    assert_eq!(server.with_bearer("/userinfo", access).await.status, StatusCode::UNAUTHORIZED);
    let dead = server.refresh(&robot, newer["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(dead.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_public_client_comes_by_any_loopback_port_and_is_asked_again() {
    let server = Server::start().await;
    let native = server.native().await;
    server.user("ada").await;
    let mut browser = Browser::default();
    let code = browser.code(&server, &native, NATIVE_CALLBACK, "openid mail:read").await;
    assert_eq!(server.redeem(&native, &code, NATIVE_CALLBACK).await.status, StatusCode::OK);
    // existing_authorization_by_fraud: the same browser, the same request, and still a page.
    let again = browser.get(&server, &request(&native, NATIVE_CALLBACK, "openid mail:read", &[])).await;
    assert!(again.location().starts_with(&format!("{ISSUER}/consent?request=")), "{}", again.location());
    let silent = browser.get(&server, &request(&native, NATIVE_CALLBACK, "openid", &[("prompt", "none")])).await;
    assert_eq!(silent.returned("error").as_deref(), Some("consent_required"));
    assert!(server.events().await.contains(&"silent-authorization-refused"));
}

#[tokio::test]
async fn a_confidential_client_is_remembered_for_what_was_allowed() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    let mut browser = Browser::default();
    browser.code(&server, &robot, CALLBACK, "openid mail:read").await;
    let again = browser.get(&server, &request(&robot, CALLBACK, "openid mail:read", &[("prompt", "none")])).await;
    assert!(again.returned("code").is_some(), "{}", again.location());
    // consent_scope_creep: more than was allowed is asked for anew.
    let more = browser.get(&server, &request(&robot, CALLBACK, "openid mail:send", &[])).await;
    assert!(more.location().contains("/consent?request="), "{}", more.location());
}

#[tokio::test]
async fn client_credentials_and_opaque_tokens() {
    let server = Server::start().await;
    let batch = server
        .client(json!({"client_id": "batch", "grant_types": ["client_credentials"], "scope": "vault:open",
            "token_endpoint_auth_method": "client_secret_post", "introspect_resources": ["http://127.0.0.1:8084"]}))
        .await;
    let answer = server.token(&batch, &[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let token = answer.json()["access_token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with("sc_at."), "{token}");
    let known = server.token_as(&batch, "/introspect", &[("token", &token)]).await.json();
    assert_eq!(known["active"], true);
    assert_eq!(known["sub"], "batch");
    server.pass(301);
    assert_eq!(server.token_as(&batch, "/introspect", &[("token", &token)]).await.json(), json!({"active": false}));
}

#[tokio::test]
async fn an_issuer_with_a_path_has_its_pages_below_it() {
    let config = CONFIG.replace("issuer = \"http://127.0.0.1:8080\"", "issuer = \"http://127.0.0.1:8080/tenant\"");
    let server = Server::with(&config).await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    let mut browser = Browser::default();
    let hint = [("login_hint", "/ada\" href=\"/")];
    let start = browser.get(&server, &format!("/tenant{}", request(&robot, CALLBACK, "mail:read", &hint))).await;
    let page = browser.follow(&server, &start).await;
    assert!(page.body.contains("action=\"/tenant/sign-in\"") && !page.body.contains("=\"/assets"), "{}", page.body);
    assert!(page.body.contains("value=\"/ada&#34; href=&#34;/\""), "text of others stays as it is: {}", page.body);
    let style = page.body.split_once("rel=\"stylesheet\" href=\"").expect("a style").1;
    let style = server.get(style.split_once('"').expect("an end").0).await;
    assert_eq!((style.status, style.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    let (id, csrf) = (page.field("request"), page.field("csrf"));
    let form = [("request", id.as_str()), ("csrf", &csrf), ("username", "ada"), ("password", PASSWORD)];
    let signed_in = browser.post(&server, "/tenant/sign-in", &form).await;
    let page = browser.follow(&server, &signed_in).await;
    assert!(page.body.contains("action=\"/tenant/consent\""), "{}", page.body);
    let (id, csrf) = (page.field("request"), page.field("csrf"));
    let form = [("request", id.as_str()), ("csrf", &csrf), ("decision", "allow"), ("scope", "mail:read")];
    let answer = browser.post(&server, "/tenant/consent", &form).await;
    assert_eq!(answer.returned("iss").as_deref(), Some("http://127.0.0.1:8080/tenant"));
    assert!(answer.returned("code").is_some(), "{}", answer.location());
}
