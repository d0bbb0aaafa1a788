//! Token, introspection, revocation, userinfo: what follows from a refusal, and what the answers look like.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use crate::support::{Browser, CALLBACK, Known, MAILBOX, Server, VERIFIER, form_request};

async fn with_code() -> (Server, Known, String) {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    let code = Browser::default().code(&server, &robot, CALLBACK, "openid mail:read").await;
    (server, robot, code)
}

#[tokio::test]
async fn code_replay_ends_the_grant_and_everything_of_it() {
    let (server, robot, code) = with_code().await;
    let tokens = server.redeem(&robot, &code, CALLBACK).await.json();
    let again = server.redeem(&robot, &code, CALLBACK).await;
    assert_eq!((again.status, &again.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    assert_eq!(server.refresh(&robot, refresh).await.json()["error"], "invalid_grant");
    let access = tokens["access_token"].as_str().expect("a token");
    assert_eq!(server.with_bearer("/userinfo", access).await.status, StatusCode::UNAUTHORIZED);
    let events = server.events().await;
    assert!(events.contains(&"code-replayed") && events.contains(&"grant-ended"), "{events:?}");
}

#[tokio::test]
async fn code_client_mismatch_a_stranger_can_neither_spend_nor_burn_nor_end() {
    let (server, robot, code) = with_code().await;
    let stranger = server.robot("stranger").await;
    assert_eq!(server.redeem(&stranger, &code, CALLBACK).await.json()["error"], "invalid_grant");
    assert!(server.events().await.contains(&"code-client-mismatch"));
    let tokens = server.redeem(&robot, &code, CALLBACK).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    server.redeem(&stranger, &code, CALLBACK).await;
    let refresh = tokens.json()["refresh_token"].as_str().expect("a token").to_owned();
    // obtain_refresh_token_from_client
    assert_eq!(server.refresh(&stranger, &refresh).await.json()["error"], "invalid_grant");
    assert_eq!(server.refresh(&robot, &refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn code_injection_a_wrong_verifier_burns_the_code() {
    let (server, robot, code) = with_code().await;
    let wrong = VERIFIER.replace('d', "e");
    let form =
        [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK), ("code_verifier", &wrong)];
    let answer = server.token(&robot, &form).await.json();
    assert_eq!(answer["error"], "invalid_grant");
    assert_eq!(
        answer["error_description"],
        "code_verifier does not match the code_challenge of this authorization (RFC 7636 section 4.6)"
    );
    assert_eq!(server.redeem(&robot, &code, CALLBACK).await.json()["error"], "invalid_grant");
    assert!(server.events().await.contains(&"pkce-mismatch"));
}

#[tokio::test]
async fn code_eavesdropping_leak_a_code_lives_a_minute() {
    let (server, robot, code) = with_code().await;
    server.pass(60);
    assert_eq!(server.redeem(&robot, &code, CALLBACK).await.json()["error"], "invalid_grant");
    assert!(server.events().await.contains(&"code-expired-use"));
}

#[tokio::test]
async fn refresh_token_replay_after_the_successor_was_used_ends_the_grant() {
    let (server, robot, code) = with_code().await;
    let first = server.redeem(&robot, &code, CALLBACK).await.json();
    let old = first["refresh_token"].as_str().expect("a token");
    let second = server.refresh(&robot, old).await.json();
    // A lost answer: the old token is answered again, with another successor.
    let third = server.refresh(&robot, old).await;
    assert_eq!(third.status, StatusCode::OK, "{}", third.body);
    let third = third.json();
    assert!(server.events().await.contains(&"refresh-reanswered"));
    // The access token of the newest answer is seen in use: the answer was not lost.
    let access = third["access_token"].as_str().expect("a token");
    assert_eq!(server.with_bearer("/userinfo", access).await.status, StatusCode::OK);
    assert_eq!(server.refresh(&robot, old).await.json()["error"], "invalid_grant");
    assert!(server.events().await.contains(&"refresh-token-replayed"));
    for token in [&second, &third] {
        let token = token["refresh_token"].as_str().expect("a token");
        assert_eq!(server.refresh(&robot, token).await.json()["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn stolen_or_cloned_device_a_superseded_successor_ends_the_grant() {
    let (server, robot, code) = with_code().await;
    let old =
        server.redeem(&robot, &code, CALLBACK).await.json()["refresh_token"].as_str().expect("a token").to_owned();
    let superseded = server.refresh(&robot, &old).await.json();
    let live = server.refresh(&robot, &old).await.json();
    let answer = server.refresh(&robot, superseded["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
    let answer = server.refresh(&robot, live["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn revocation_cross_client_does_nothing_and_is_noticed() {
    let (server, robot, code) = with_code().await;
    let stranger = server.robot("stranger").await;
    let tokens = server.redeem(&robot, &code, CALLBACK).await.json();
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    assert_eq!(server.token_as(&stranger, "/revoke", &[("token", refresh)]).await.status, StatusCode::OK);
    assert!(server.events().await.contains(&"revocation-client-mismatch"));
    assert_eq!(server.refresh(&robot, refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn locked_account_token_issuance_stops_at_every_grant() {
    let (server, robot, code) = with_code().await;
    let tokens = server.redeem(&robot, &code, CALLBACK).await.json();
    server.app.ledger.set_user_status("u_ada", protocol::record::OwnerStatus::Locked).await.expect("locked");
    let access = tokens["access_token"].as_str().expect("a token");
    // As for any token that does not count (RFC 6750 section 3.1), and without telling why.
    let locked = server.with_bearer("/userinfo", access).await;
    let unknown = server.with_bearer("/userinfo", "unknown").await;
    assert_eq!((locked.status, &locked.body), (StatusCode::UNAUTHORIZED, &unknown.body));
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    assert_eq!(server.refresh(&robot, refresh).await.json()["error"], "invalid_grant");
    assert!(server.events().await.contains(&"disabled-subject-use"));
    server.app.ledger.set_user_status("u_ada", protocol::record::OwnerStatus::Active).await.expect("unlocked");
    assert_eq!(server.refresh(&robot, refresh).await.json()["error"], "invalid_grant", "the grant has ended");
}

#[tokio::test]
async fn client_auth_downgrade_only_the_registered_method_counts() {
    let (server, robot, code) = with_code().await;
    let secret = robot.secret.clone().expect("a secret");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let basic = data_encoding::BASE64.encode(format!("robot:{secret}").as_bytes());
    let mut request = form_request("/token", &form);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Basic {basic}").parse().expect("header"));
    let answer = server.send(request).await;
    assert_eq!(
        (answer.status, answer.header("www-authenticate")),
        (StatusCode::UNAUTHORIZED, "Basic realm=\"safeconduct\"")
    );
    let named_only = Known { id: "robot".to_owned(), secret: None };
    assert_eq!(server.token(&named_only, &form).await.json()["error"], "invalid_client");
    let nobody = server.post("/token", &form).await;
    assert_eq!(nobody.json()["error"], "invalid_client");
    assert!(server.events().await.contains(&"client-auth-method-violation"));
    // The code is as it was.
    assert_eq!(server.redeem(&robot, &code, CALLBACK).await.status, StatusCode::OK);
}

#[tokio::test]
async fn client_secret_guessing_slows_the_address_and_no_other() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    let guess = Known {
        id: "robot".to_owned(),
        secret: Some(robot.secret.clone().expect("a secret").replace("sc_cs", "sc_cx")),
    };
    let form = [("grant_type", "client_credentials")];
    let mut last = server.token(&guess, &form).await;
    for _ in 0..40 {
        last = server.token(&guess, &form).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!last.header("retry-after").is_empty());
    let secret = robot.secret.as_deref().expect("a secret");
    let honest = form_request(
        "/token",
        &[("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", secret)],
    );
    // dos_lockout_abuse: the owner elsewhere is not shut out.
    assert_eq!(server.send_from("198.51.100.9", honest).await.json()["error"], "unauthorized_client");
}

#[tokio::test]
async fn token_endpoint_get_is_refused_and_answers_are_not_cached() {
    let (server, robot, code) = with_code().await;
    let secret = robot.secret.clone().expect("a secret");
    let query = format!("/token?grant_type=authorization_code&code={code}&client_id=robot&client_secret={secret}");
    let answer = server.get(&query).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "POST");
    let posted = server.post(&query, &[("grant_type", "authorization_code")]).await;
    assert_eq!(posted.status, StatusCode::BAD_REQUEST);
    assert!(server.events().await.contains(&"credential-in-url"));
    // token_response_cached
    let tokens = server.redeem(&robot, &code, CALLBACK).await;
    for answer in [&answer, &tokens] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn introspection_abuse_strangers_learn_nothing() {
    let (server, robot, code) = with_code().await;
    let tokens = server.redeem(&robot, &code, CALLBACK).await.json();
    let access = tokens["access_token"].as_str().expect("a token");
    let refused = server.token_as(&robot, "/introspect", &[("token", access)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let other_api = server
        .client(json!({"client_id": "vault-api", "grant_types": [], "introspect_resources": ["http://127.0.0.1:8084"],
            "token_endpoint_auth_method": "client_secret_post"}))
        .await;
    assert_eq!(server.token_as(&other_api, "/introspect", &[("token", access)]).await.json(), json!({"active": false}));
    let anonymous = server.post("/introspect", &[("token", access)]).await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn token_abuse_across_resource_servers_userinfo_wants_a_token_for_itself() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    let mut browser = Browser::default();
    let query = crate::support::request(&robot, CALLBACK, "openid mail:read", &[("resource", MAILBOX)]);
    let code = browser.allow(&server, &query, &["openid", "mail:read"]).await.returned("code").expect("a code");
    let tokens = server.redeem(&robot, &code, CALLBACK).await.json();
    assert_eq!(tokens["scope"], "mail:read");
    let answer = server.with_bearer("/userinfo", tokens["access_token"].as_str().expect("a token")).await;
    assert_eq!(answer.json()["error"], "invalid_token");
    assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"safeconduct\", error=\"invalid_token\""));
    let bare = server.get("/userinfo").await;
    assert_eq!(
        (bare.status, bare.header("www-authenticate")),
        (StatusCode::UNAUTHORIZED, "Bearer realm=\"safeconduct\"")
    );
    // token_leak_logs_referrer
    let leaked = server.get("/userinfo?access_token=x").await;
    assert_eq!(leaked.status, StatusCode::BAD_REQUEST);
    assert!(server.events().await.contains(&"token-in-query"));
}

#[tokio::test]
async fn jwt_algorithm_substitution_at_userinfo() {
    let (server, robot, code) = with_code().await;
    let tokens = server.redeem(&robot, &code, CALLBACK).await.json();
    let access = tokens["access_token"].as_str().expect("a token");
    let payload = access.split('.').nth(1).expect("a payload");
    let none = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    let forged = server.with_bearer("/userinfo", &format!("{none}.{payload}.")).await;
    assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
    // jwt_type_confusion: an ID token is no access token.
    let id_token = tokens["id_token"].as_str().expect("an ID token");
    assert_eq!(server.with_bearer("/userinfo", id_token).await.status, StatusCode::UNAUTHORIZED);
    let events = server.events().await;
    assert!(events.contains(&"jwt-algorithm-rejected") && events.contains(&"jwt-type-mismatch"), "{events:?}");
}

#[tokio::test]
async fn cors_misconfiguration_only_public_documents_are_open() {
    let server = Server::start().await;
    for path in ["/jwks", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (StatusCode::OK, "*"), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    for path in ["/userinfo", "/token", "/authorize", "/", "/consent"] {
        let request = Request::get(path).header("origin", "https://evil.example").body(Body::empty()).expect("request");
        assert_eq!(server.send(request).await.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn cors_misconfiguration_a_client_in_a_browser_reads_its_own_answers_and_nobody_elses() {
    let server = Server::start().await;
    server.user("ada").await;
    let callback = "https://app.example/callback";
    let app = server
        .client(json!({"client_id": "spa", "redirect_uris": [callback], "scope": "openid mail:read",
            "token_endpoint_auth_method": "none"}))
        .await;
    let robot = server.robot("robot").await;
    let ask = |client: &Known, code: &str, origin: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", callback),
            ("code_verifier", VERIFIER),
            ("client_id", client.id.as_str()),
        ];
        let mut request = form_request("/token", &form);
        request.headers_mut().insert("origin", origin.parse().expect("header"));
        request
    };
    let preflight =
        Request::options("/token").header("origin", "https://app.example").body(Body::empty()).expect("request");
    assert_eq!(server.send(preflight).await.status, StatusCode::NO_CONTENT);
    for origin in ["https://evil.example", "https://app.example.evil.example", "https://app.exampl", "null", "https://"]
    {
        let answer = server.send(ask(&app, "x", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    let code = Browser::default().code(&server, &app, callback, "openid mail:read").await;
    let answer = server.send(ask(&app, &code, "https://app.example")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let access = answer.json()["access_token"].as_str().expect("a token").to_owned();
    for (origin, open) in [("https://app.example", "https://app.example"), ("https://evil.example", "")] {
        let request =
            Request::get("/userinfo").header("origin", origin).header("authorization", format!("Bearer {access}"));
        let answer = server.send(request.body(Body::empty()).expect("request")).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (StatusCode::OK, open));
    }
    // A confidential client has no page that could keep its secret.
    let answer = server.send(ask(&robot, "x", "https://robot.example")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn metadata_impersonation_says_what_is_and_only_that() {
    let server = Server::start().await;
    let document = server.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], crate::support::ISSUER);
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    let text = document.to_string();
    assert!(!text.contains("none\",\"login") || !text.contains("\"plain\""));
    assert!(!document["id_token_signing_alg_values_supported"].to_string().contains("none"));
    assert_eq!(document, server.get("/.well-known/oauth-authorization-server").await.json());
    assert!(!server.get("/jwks").await.body.contains("\"d\""));
}

#[tokio::test]
async fn secrets_in_logs_and_errors_no_answer_or_event_repeats_what_was_sent() {
    let (server, robot, code) = with_code().await;
    let marker = "m4rk3r-value";
    let answers = [
        server.token(&robot, &[("grant_type", marker)]).await,
        server.token(&robot, &[("grant_type", "authorization_code"), ("code", marker)]).await,
        server
            .post("/token", &[("client_id", marker), ("client_secret", marker), ("grant_type", "client_credentials")])
            .await,
        server.get(&format!("/authorize?client_id={marker}&state={marker}")).await,
        server.get(&format!("/errors/{marker}")).await,
    ];
    for answer in answers {
        assert!(!answer.body.contains(marker), "{}", answer.body);
    }
    server.redeem(&robot, &code, CALLBACK).await;
    server.redeem(&robot, &code, CALLBACK).await;
    let events = serde_json::to_string(&server.event_records().await).expect("JSON");
    assert!(!events.contains(marker) && !events.contains(&code), "{events}");
}

#[tokio::test]
async fn attack_goes_unnoticed_a_flood_from_one_address_does_not_wash_other_events_away() {
    let (server, robot, code) = with_code().await;
    server.redeem(&robot, &code, CALLBACK).await;
    for _ in 0..300 {
        server.get("/authorize?client_id=nobody").await;
    }
    let count = |events: &[&str]| events.iter().filter(|name| **name == "redirect-uri-rejected").count();
    assert_eq!(count(&server.events().await), 100);
    let elsewhere = Request::get("/authorize?client_id=nobody").body(Body::empty()).expect("request");
    server.send_from("198.51.100.1", elsewhere).await;
    server.redeem(&robot, &code, CALLBACK).await;
    let events = server.events().await;
    assert_eq!(count(&events), 101, "others have a share of their own");
    assert!(events.contains(&"code-replayed"), "and so has every other signal");
    server.pass(60);
    server.get("/authorize?client_id=nobody").await;
    assert_eq!(count(&server.events().await), 102);
    let counters = server.app.metrics.render();
    let counter = counters.lines().find(|line| line.contains("redirect-uri-rejected")).expect("a counter");
    assert!(counter.ends_with(" 302"), "all of them are counted: {counter}");
}
