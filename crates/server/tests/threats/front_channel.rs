//! Pages: who may be shown what, who may answer, and where the browser goes next.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use server::edge::AddressKey;

use crate::support::{Browser, CALLBACK, ISSUER, PASSWORD, Server, form_request, request};

async fn at_consent() -> (Server, Browser, crate::support::Answer) {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    server.user("bob").await;
    let mut browser = Browser::default();
    let signed_in =
        browser.sign_in(&server, &request(&robot, CALLBACK, "openid mail:read mail:send", &[]), "ada").await;
    let page = browser.follow(&server, &signed_in).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    (server, browser, page)
}

#[tokio::test]
async fn as_open_redirector_unknown_clients_and_redirects_end_on_our_page() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    let stranger = crate::support::Known { id: "stranger".to_owned(), secret: None };
    let evil = "https://evil.example/callback";
    let cases = [
        request(&stranger, CALLBACK, "openid", &[]),
        request(&robot, evil, "openid", &[]),
        request(&robot, &format!("{CALLBACK}?x=1"), "openid", &[]),
        request(&robot, &format!("{CALLBACK}/"), "openid", &[]),
        request(&robot, CALLBACK, "openid", &[("redirect_uri", "-")]),
        format!("{}&redirect_uri=https%3A%2F%2Fevil.example", request(&robot, CALLBACK, "openid", &[])),
        "/authorize".to_owned(),
    ];
    for query in cases {
        let answer = server.get(&query).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{query}");
        assert!(!answer.body.contains("evil.example"));
    }
    assert!(server.events().await.contains(&"redirect-uri-rejected"));
}

#[tokio::test]
async fn mix_up_every_answer_carries_issuer_and_the_very_state() {
    let (server, mut browser, page) = at_consent().await;
    let denied = browser.decide(&server, &page, "deny", &[]).await;
    assert_eq!(denied.returned("error").as_deref(), Some("access_denied"));
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    let wrong = browser.get(&server, &request(&robot, CALLBACK, "openid nonsense", &[])).await;
    assert_eq!(wrong.returned("error").as_deref(), Some("invalid_scope"));
    let page = browser.get(&server, &request(&robot, CALLBACK, "openid mail:read", &[])).await;
    let page = browser.follow(&server, &page).await;
    let allowed = browser.decide(&server, &page, "allow", &["openid", "mail:read"]).await;
    assert!(allowed.returned("code").is_some());
    for answer in [&denied, &wrong, &allowed] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "redirect_307: nothing is posted on");
        assert_eq!(answer.returned("iss").as_deref(), Some(ISSUER));
        assert_eq!(answer.returned("state").as_deref(), Some("s t/a&te=é"), "csrf_on_redirect_uri");
        assert!(answer.location().ends_with('#'), "fragment_reattachment");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "credential_leak_via_referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn form_post_carries_the_same_and_escapes_it() {
    let (server, mut browser, _) = at_consent().await;
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    let more = [("response_mode", "form_post"), ("state", "\"><script>alert(1)</script>")];
    let page = browser.get(&server, &request(&robot, CALLBACK, "openid", &more)).await;
    let page = browser.follow(&server, &page).await;
    let answer = browser.decide(&server, &page, "allow", &["openid"]).await;
    // form_post_injection
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.body.contains(&format!("action=\"{CALLBACK}\"")) && answer.body.contains("name=\"iss\""),
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
}

#[tokio::test]
async fn response_mode_switching_other_types_and_modes_are_refused() {
    let (server, mut browser, _) = at_consent().await;
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_type", "none", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("response_mode", "web_message", "invalid_request"),
        ("code_challenge", "-", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "-", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("request", "eyJ", "request_not_supported"),
        ("request_uri", "https://x.example", "request_uri_not_supported"),
        ("resource", "https://x.example", "invalid_target"),
    ] {
        let answer = browser.get(&server, &request(&robot, CALLBACK, "openid", &[(name, value)])).await;
        assert_eq!(answer.returned("error").as_deref(), Some(error), "{name}={value}: {}", answer.location());
        assert!(answer.returned("code").is_none());
    }
}

#[tokio::test]
async fn clickjacking_pages_refuse_frames() {
    let (server, mut browser, page) = at_consent().await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    let framed =
        Request::get(request(&robot, CALLBACK, "openid", &[("prompt", "none")])).header("sec-fetch-dest", "iframe");
    let answer = browser.send(&server, framed.body(Body::empty()).expect("request")).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FORBIDDEN, ""));
    assert!(server.events().await.contains(&"authorization-framed"));
}

#[tokio::test]
async fn consent_forgery_a_form_of_another_site_or_without_its_token_is_refused() {
    let (server, mut browser, page) = at_consent().await;
    let (id, csrf) = (page.field("request"), page.field("csrf"));
    let form = [("request", id.as_str()), ("csrf", csrf.as_str()), ("decision", "allow"), ("scope", "openid")];
    let mut foreign = form_request("/consent", &form);
    foreign.headers_mut().insert("origin", "https://evil.example".parse().expect("header"));
    assert_eq!(browser.send(&server, foreign).await.status, StatusCode::FORBIDDEN);
    let mut cross_site = form_request("/consent", &form);
    cross_site.headers_mut().insert("sec-fetch-site", "cross-site".parse().expect("header"));
    assert_eq!(browser.send(&server, cross_site).await.status, StatusCode::FORBIDDEN);
    // The sign-in page's token does not fit the consent page, and one wrong token spoils the request.
    let wrong = [("request", id.as_str()), ("csrf", "x"), ("decision", "allow"), ("scope", "openid")];
    assert_eq!(browser.post(&server, "/consent", &wrong).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post(&server, "/consent", &form).await.status, StatusCode::BAD_REQUEST, "the request is gone");
    assert!(server.events().await.contains(&"consent-forgery"));
}

#[tokio::test]
async fn consent_forgery_nothing_but_allow_allows() {
    for decision in ["yes", "ALLOW", "true", ""] {
        let (server, mut browser, page) = at_consent().await;
        let answer = browser.decide(&server, &page, decision, &["openid"]).await;
        assert!(answer.returned("code").is_none(), "{decision}");
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn consent_transaction_swap_another_browser_or_person_cannot_finish() {
    let (server, browser, page) = at_consent().await;
    let mut other = Browser::default();
    let query = format!("/consent?request={}", page.field("request"));
    assert_eq!(other.get(&server, &query).await.status, StatusCode::FORBIDDEN);
    // browser_swapping: with a session and a browser secret of its own it is no better off.
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    other.sign_in(&server, &request(&robot, CALLBACK, "openid", &[]), "bob").await;
    assert_eq!(other.decide(&server, &page, "allow", &["openid"]).await.status, StatusCode::FORBIDDEN);
    assert!(server.events().await.contains(&"consent-session-mismatch"));
    // The page was shown to ada; bob signs in meanwhile in the same browser.
    let mut mixed = browser.clone();
    mixed.cookies.insert("__Host-session".to_owned(), other.cookies["__Host-session"].clone());
    assert_eq!(mixed.decide(&server, &page, "allow", &["openid"]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn consent_scope_creep_the_form_cannot_widen_and_two_presses_give_one_code() {
    let (server, mut browser, page) = at_consent().await;
    let first = browser.decide(&server, &page, "allow", &["openid", "mail:read", "vault:open"]).await;
    let code = first.returned("code").expect("a code");
    let second = browser.decide(&server, &page, "allow", &["openid"]).await;
    assert_eq!((second.status, second.returned("code")), (StatusCode::BAD_REQUEST, None));
    let grants = server.app.ledger.grants(&store::GrantFilter::default(), None, 10).await.expect("grants");
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].scope.as_str(), "openid mail:read", "narrowed by the person, never widened");
    assert!(code.starts_with("sc_ac."));
}

#[tokio::test]
async fn too_much_scope_granted_a_person_who_unticks_everything_has_denied() {
    let (server, mut browser, _) = at_consent().await;
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    let start = browser.get(&server, &request(&robot, CALLBACK, "mail:read mail:send", &[])).await;
    let page = browser.follow(&server, &start).await;
    let answer = browser.decide(&server, &page, "allow", &[]).await;
    assert_eq!((answer.returned("code"), answer.returned("error").as_deref()), (None, Some("access_denied")));
    assert!(server.app.ledger.grants(&store::GrantFilter::default(), None, 10).await.expect("grants").is_empty());
    let again = browser.decide(&server, &page, "allow", &["mail:read"]).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "the request is over");
}

#[tokio::test]
async fn login_session_fixation_signing_in_makes_a_new_session() {
    let (server, mut browser, page) = at_consent().await;
    let before = browser.cookies["__Host-session"].clone();
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    let again = browser.sign_in(&server, &request(&robot, CALLBACK, "openid", &[("prompt", "login")]), "ada").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_ne!(browser.cookies["__Host-session"], before);
    let mut old = Browser::default();
    old.cookies.insert("__Host-session".to_owned(), before);
    let answer = old.get(&server, &request(&robot, CALLBACK, "openid", &[("prompt", "none")])).await;
    assert_eq!(answer.returned("error").as_deref(), Some("login_required"), "the old session has ended");
    drop(page);
}

#[tokio::test]
async fn authentication_strength_bypass_prompt_and_max_age_really_ask_again() {
    let (server, mut browser, _) = at_consent().await;
    let robot = crate::support::Known { id: "robot".to_owned(), secret: None };
    server.pass(100);
    for more in [[("prompt", "login")], [("max_age", "60")], [("max_age", "0")], [("prompt", "select_account")]] {
        let answer = browser.get(&server, &request(&robot, CALLBACK, "openid", &more)).await;
        assert!(answer.location().contains("/sign-in?request="), "{more:?}: {}", answer.location());
        // The consent page cannot be reached around it.
        let id = answer.location().split_once("request=").expect("an id").1.to_owned();
        let skipped = browser.get(&server, &format!("/consent?request={id}")).await;
        assert!(skipped.location().contains("/sign-in?request="), "{}", skipped.location());
    }
    let old =
        browser.get(&server, &request(&robot, CALLBACK, "openid", &[("max_age", "60"), ("prompt", "none")])).await;
    assert_eq!(old.returned("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn account_enumeration_unknown_names_wrong_passwords_and_locked_accounts_read_alike() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    server.user("locked").await;
    server.app.ledger.set_user_status("u_locked", protocol::record::OwnerStatus::Locked).await.expect("locked");
    let mut bodies = Vec::new();
    for (name, password) in
        [("ada", "wrong password"), ("nobody", "wrong password"), ("locked", PASSWORD), ("\u{430}da", PASSWORD)]
    {
        let mut browser = Browser::default();
        let start = browser.get(&server, &request(&robot, CALLBACK, "openid", &[])).await;
        let page = browser.follow(&server, &start).await;
        let answer = browser.submit_password(&server, &page, name, password).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert!(!browser.cookies.contains_key("__Host-session"));
        let (id, csrf) = (page.field("request"), page.field("csrf"));
        bodies.push(answer.body.replace(&id, "").replace(&csrf, "").replace(name, ""));
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn password_online_guessing_slows_down_but_does_not_lock_out() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    let mut browser = Browser::default();
    let start = browser.get(&server, &request(&robot, CALLBACK, "openid", &[])).await;
    let page = browser.follow(&server, &start).await;
    let mut slowed = false;
    for _ in 0..12 {
        let answer = browser.submit_password(&server, &page, "ada", "guess").await;
        slowed |= answer.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(slowed);
    let events = server.events().await;
    assert!(events.contains(&"login-failed-burst"), "{events:?}");
    // dos_lockout_abuse: after the delay the right password works.
    server.pass(900);
    let mut later = Browser::default();
    let answer = later.sign_in(&server, &request(&robot, CALLBACK, "openid", &[]), "ada").await;
    assert!(answer.location().contains("/consent"), "{} {}", answer.status, answer.location());
}

#[tokio::test]
async fn dos_token_exhaustion_waiting_requests_are_bounded() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    let query = request(&robot, CALLBACK, "openid", &[]);
    let mut refused = 0;
    for _ in 0..310 {
        refused += usize::from(server.get(&query).await.status == StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(refused, 10);
    let other = Request::get(&query).body(Body::empty()).expect("request");
    assert_eq!(server.send_from("198.51.100.1", other).await.status, StatusCode::SEE_OTHER, "others are served");
    assert!(server.events().await.contains(&"token-quota-exceeded"));
    // A /48 holds more keys than requests may wait in all; its owner gets a tenth.
    let from = |subnet: u32| format!("2001:db8:7:{subnet:x}::1");
    let key = |subnet| AddressKey::from(from(subnet).parse::<std::net::IpAddr>().expect("an address")).site();
    assert!((0..5_000).all(|subnet| server.app.parking_sites.admit(key(subnet), server.now())));
    for (address, status) in
        [(from(5_000), StatusCode::SERVICE_UNAVAILABLE), ("2001:db8:8::1".to_owned(), StatusCode::SEE_OTHER)]
    {
        let visit = Request::get(&query).body(Body::empty()).expect("request");
        assert_eq!(server.send_from(&address, visit).await.status, status, "{address}");
    }
}

#[tokio::test]
async fn as_redirect_to_phishing_client_errors_of_unvouched_clients_wait_for_a_button() {
    let server = Server::start().await;
    let other = server
        .client(serde_json::json!({"client_id": "other", "redirect_uris": [CALLBACK], "scope": "openid", "vouched_for": false}))
        .await;
    let answer = server.get(&request(&other, CALLBACK, "nonsense", &[])).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""));
    assert!(answer.body.contains("robot.example"), "the page names the target: {}", answer.body);
    let silent = server.get(&request(&other, CALLBACK, "openid", &[("prompt", "none")])).await;
    assert_eq!(silent.location(), "");
}

#[tokio::test]
async fn resource_owner_impersonation_a_consent_without_reading_is_noticed() {
    let (server, mut browser, page) = at_consent().await;
    let answer = browser.decide(&server, &page, "allow", &["openid"]).await;
    assert!(answer.returned("code").is_some());
    assert!(server.events().await.contains(&"consent-too-fast"));
}

#[tokio::test]
async fn id_token_hint_and_subject_bind_the_sign_in() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    server.user("bob").await;
    let mut browser = Browser::default();
    let code = browser.code(&server, &robot, CALLBACK, "openid").await;
    let tokens = server.redeem(&robot, &code, CALLBACK).await.json();
    let hint = tokens["id_token"].as_str().expect("an ID token");
    server.pass(4000);
    let query = request(&robot, CALLBACK, "openid", &[("id_token_hint", hint)]);
    let mut other = Browser::default();
    let answer = other.sign_in(&server, &query, "bob").await;
    assert_eq!(answer.returned("error").as_deref(), Some("login_required"), "{}", answer.location());
    let bob = other.get(&server, &request(&robot, CALLBACK, "openid", &[])).await;
    assert!(bob.location().contains("/consent?request="), "bob is signed in all the same: {}", bob.location());
    // id_token_audience_confusion: a hint for another client is refused.
    let stranger = server.robot("stranger").await;
    let answer = other.get(&server, &request(&stranger, CALLBACK, "openid", &[("id_token_hint", hint)])).await;
    assert_eq!(answer.returned("error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn password_phishing_counterfeit_as_a_sign_in_from_a_new_place_is_noticed_once() {
    let server = Server::start().await;
    let robot = server.robot("robot").await;
    server.user("ada").await;
    for _ in 0..2 {
        Browser::default().sign_in(&server, &request(&robot, CALLBACK, "openid", &[]), "ada").await;
    }
    let noticed = server.events().await.iter().filter(|name| **name == "login-new-location").count();
    assert_eq!(noticed, 1);
}

#[tokio::test]
async fn embedded_browser_credential_theft_no_password_field_inside_an_app() {
    let server = Server::start().await;
    let (app, robot) = (server.native().await, server.robot("robot").await);
    let web_view =
        "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36";
    let open = |query: String| Request::get(query).header("user-agent", web_view).body(Body::empty()).expect("request");
    let native = request(&app, "http://127.0.0.1:9999/callback", "openid", &[]);
    let answer = Browser::default().send(&server, open(native.clone())).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FORBIDDEN, ""));
    assert!(server.events().await.contains(&"embedded-user-agent"));
    // Begun in a browser, finished in a web view.
    let mut browser = Browser::default();
    let parked = browser.get(&server, &native).await;
    let page = browser.send(&server, open(parked.location().trim_start_matches(ISSUER).to_owned())).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    // A web client is no app: its pages open wherever a link was clicked.
    let web = Browser::default().send(&server, open(request(&robot, CALLBACK, "openid", &[]))).await;
    assert_eq!(web.status, StatusCode::SEE_OTHER);
}
