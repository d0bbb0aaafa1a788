//! Whole stories of the robot and the mailbox, over real sockets.

mod support;

use std::time::Duration;

use bytes::Bytes;
use client::{Client, ClientIdentity, HyperTransport, LoopbackListener, TokenHolder};
use http::{Request, StatusCode};
use support::{Browser, NATIVE_ID, Quirk, SECRET, Stage};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn connected(quirk: Quirk) -> (Stage, Browser) {
    let stage = Stage::new(quirk).await;
    let browser = Browser::new();
    let callback = browser.connect(&stage).await;
    let back = browser.get(&callback).await;
    assert_eq!((back.status, back.location().as_str()), (StatusCode::SEE_OTHER, "/inbox"));
    (stage, browser)
}

#[tokio::test]
async fn connects_reads_sends_refreshes_and_disconnects() {
    let (stage, browser) = connected(Quirk::None).await;
    let robot = &stage.robot;
    let inbox = browser.get(&format!("{robot}/inbox")).await;
    assert_eq!(inbox.status, StatusCode::OK);
    assert!(inbox.body.contains("Lunch on Thursday?"), "{}", inbox.body);
    for id in ["id=\"send\"", "id=\"refresh\"", "id=\"disconnect\"", "id=\"panel\""] {
        assert!(inbox.body.contains(id), "{id}");
    }

    let letter = [
        ("csrf", inbox.csrf()),
        ("to", "ada@mail.example".into()),
        ("subject", "<b>Yes</b>".into()),
        ("text", "At noon.".into()),
    ];
    let letter: Vec<(&str, &str)> = letter.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.post(&format!("{robot}/send"), &letter).await.location(), "/inbox");
    let inbox = browser.get(&format!("{robot}/inbox")).await;
    assert!(inbox.body.contains("&#60;b&#62;Yes&#60;/b&#62;") && !inbox.body.contains("<b>Yes"), "{}", inbox.body);

    browser.post(&format!("{robot}/refresh"), &[("csrf", &inbox.csrf())]).await;
    // Past the life of every access token: the robot refreshes by itself.
    stage.pass(400);
    let inbox = browser.get(&format!("{robot}/inbox")).await;
    assert!(inbox.body.contains("Lunch on Thursday?"), "{}", inbox.body);
    let grants: Vec<String> =
        stage.server.token_requests.lock().unwrap().iter().map(|form| form["grant_type"].clone()).collect();
    assert_eq!(grants, ["authorization_code", "refresh_token", "refresh_token"]);

    let gone = browser.post(&format!("{robot}/disconnect"), &[("csrf", &inbox.csrf())]).await;
    assert_eq!(gone.location(), "/");
    assert_eq!(stage.server.revoked.lock().unwrap().len(), 1);
    assert_eq!(browser.get(&format!("{robot}/inbox")).await.location(), "/");
}

#[tokio::test]
async fn secrets_in_logs_and_errors_panel_masks_every_credential() {
    let (stage, browser) = connected(Quirk::None).await;
    let inbox = browser.get(&format!("{}/inbox", stage.robot)).await;
    browser.post(&format!("{}/refresh", stage.robot), &[("csrf", &inbox.csrf())]).await;
    let inbox = browser.get(&format!("{}/inbox", stage.robot)).await;
    browser.post(&format!("{}/disconnect", stage.robot), &[("csrf", &inbox.csrf())]).await;
    let home = browser.get(&stage.robot).await;
    for body in [&inbox.body, &home.body] {
        for part in ["that-must-never-show", SECRET, "eyJhbGciOi"] {
            assert!(!body.contains(part), "{part} in {body}");
        }
    }
    for step in ["Authorization request", "Redirect back", "Code exchange", "API call", "Refresh", "Revocation"] {
        assert!(home.body.contains(step), "{step}");
    }
}

#[tokio::test]
async fn csrf_on_redirect_uri_another_browsers_answer_is_refused() {
    let stage = Stage::new(Quirk::None).await;
    // The attacker signs in and keeps his own answer; the victim's browser is made to open it.
    let theirs = Browser::new().connect(&stage).await;
    let victim = Browser::new();
    let fresh = victim.get(&theirs).await;
    assert_eq!(fresh.status, StatusCode::BAD_REQUEST);
    let mine = victim.connect(&stage).await;
    assert_eq!(victim.get(&theirs).await.status, StatusCode::BAD_REQUEST);
    assert!(stage.server.token_requests.lock().unwrap().is_empty(), "nothing may be redeemed");
    // The victim's own flow was not disturbed.
    assert_eq!(victim.get(&mine).await.location(), "/inbox");
    // And its answer works once.
    assert_eq!(victim.get(&mine).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn user_session_impersonation_the_cookie_changes_at_login() {
    let stage = Stage::new(Quirk::None).await;
    let browser = Browser::new();
    let callback = browser.connect(&stage).await;
    let back = browser.get(&callback).await;
    let cookie = back.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-robot=") && cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
}

#[tokio::test]
async fn mix_up_missing_iss_reaches_no_token_endpoint() {
    let stage = Stage::new(Quirk::OmitsIss).await;
    let browser = Browser::new();
    let callback = browser.connect(&stage).await;
    assert_eq!(browser.get(&callback).await.location(), "/");
    let home = browser.get(&stage.robot).await;
    assert!(home.body.contains("redeemed nothing"), "{}", home.body);
    assert!(stage.server.token_requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn code_injection_other_nonce_gives_no_session() {
    let stage = Stage::new(Quirk::SendsOtherNonce).await;
    let browser = Browser::new();
    let callback = browser.connect(&stage).await;
    assert_eq!(browser.get(&callback).await.location(), "/");
    assert!(browser.get(&stage.robot).await.body.contains("nonce is not the one of this login"));
    assert_eq!(browser.get(&format!("{}/inbox", stage.robot)).await.location(), "/");
}

#[tokio::test]
async fn denial_is_told_and_nothing_is_redeemed() {
    let stage = Stage::new(Quirk::DeniesConsent).await;
    let browser = Browser::new();
    let callback = browser.connect(&stage).await;
    assert_eq!(browser.get(&callback).await.location(), "/");
    assert!(browser.get(&stage.robot).await.body.contains("You said no"));
    assert!(stage.server.token_requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn forms_need_the_token_of_their_own_session() {
    let (stage, browser) = connected(Quirk::None).await;
    let stranger = Browser::new();
    let foreign = stranger.get(&stage.robot).await.csrf();
    for path in ["connect", "refresh", "disconnect"] {
        let url = format!("{}/{path}", stage.robot);
        for csrf in ["", foreign.as_str()] {
            assert_eq!(browser.post(&url, &[("csrf", csrf)]).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let mine = browser.get(&format!("{}/inbox", stage.robot)).await.csrf();
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")] {
            let page = browser.post_with(&url, &[("csrf", &mine)], &[(name, value)]).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {name}");
        }
    }
    assert!(stage.server.revoked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn narrowed_scope_hides_what_was_not_granted() {
    let (stage, browser) = connected(Quirk::GrantsReadOnly).await;
    let inbox = browser.get(&format!("{}/inbox", stage.robot)).await;
    assert!(inbox.body.contains("Not granted:") && !inbox.body.contains("id=\"send\""), "{}", inbox.body);
}

#[tokio::test]
async fn credential_leak_via_referrer_and_clickjacking_headers_are_on_every_answer() {
    let (stage, browser) = connected(Quirk::None).await;
    for path in ["", "/inbox", "/callback", "/nothing", "/robot-1.css"] {
        let page = browser.get(&format!("{}{path}", stage.robot)).await;
        assert_eq!(page.headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(page.headers["x-frame-options"], "DENY", "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert!(page.headers.contains_key("cache-control"), "{path}");
    }
}

#[tokio::test]
async fn forwarded_header_forgery_other_hosts_are_misdirected() {
    let stage = Stage::new(Quirk::None).await;
    let address = stage.robot.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
}

#[tokio::test]
async fn native_app_signs_in_through_the_loopback_redirect_and_calls_the_mailbox() {
    let stage = Stage::new(Quirk::None).await;
    let transport = HyperTransport::loopback_only();
    let identity = ClientIdentity::native(NATIVE_ID);
    let client = Client::discover(&stage.server.issuer, identity, transport, stage.surroundings.clone()).await.unwrap();
    let listener = LoopbackListener::bind("/callback").await.unwrap();
    let start = client.authorization(listener.redirect_uri()).scope("openid mail:read").resource(&stage.mailbox);
    let (url, pending) = client.begin(start).unwrap();
    let browser = tokio::spawn(async move {
        let browser = Browser::new();
        let callback = browser.get(&url).await.location();
        browser.get(&callback).await
    });
    let (pending, query) = listener.wait(pending, Duration::from_secs(20)).await.unwrap();
    let tokens = client.finish(pending, &query).await.unwrap();
    assert_eq!(browser.await.unwrap().status, StatusCode::OK);
    assert_eq!(tokens.identity().map(|identity| identity.subject()), Some("user-1"));

    let holder = TokenHolder::new(client, tokens);
    let messages = format!("{}/messages", stage.mailbox);
    let read = || Request::get(&messages).body(Bytes::new()).unwrap();
    assert_eq!(holder.send(read()).await.unwrap().status(), StatusCode::OK);
    stage.pass(400);
    assert_eq!(holder.send(read()).await.unwrap().status(), StatusCode::OK);
    holder.revoke().await.unwrap();
    assert!(holder.send(read()).await.is_err());
}

#[tokio::test]
async fn resource_scope_not_enforced_mailbox_refuses_to_send_without_the_scope() {
    let (stage, browser) = connected(Quirk::GrantsReadOnly).await;
    // The robot itself would not try, so its form is sent by hand.
    let csrf = browser.get(&format!("{}/inbox", stage.robot)).await.csrf();
    let letter = [("csrf", csrf.as_str()), ("to", "ada@mail.example"), ("subject", "s"), ("text", "t")];
    browser.post(&format!("{}/send", stage.robot), &letter).await;
    let inbox = browser.get(&format!("{}/inbox", stage.robot)).await;
    assert!(inbox.body.contains("You did not allow the robot to send."), "{}", inbox.body);

    let transport = HyperTransport::loopback_only();
    let none = Request::post(format!("{}/messages", stage.mailbox)).body(Bytes::from_static(b"{}")).unwrap();
    let refused = client::Transport::send(&transport, none).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers()["www-authenticate"], "Bearer scope=\"mail:send\"");
}

#[tokio::test]
async fn dos_manufactured_codes_invented_callbacks_cost_the_server_nothing() {
    let stage = Stage::new(Quirk::None).await;
    let browser = Browser::new();
    let mine = browser.connect(&stage).await;
    for number in 0..50 {
        let url = format!("{}/callback?code=sc_ac.{number}&state=invented&iss=x", stage.robot);
        assert_eq!(browser.get(&url).await.status, StatusCode::BAD_REQUEST);
    }
    assert!(stage.server.token_requests.lock().unwrap().is_empty());
    assert_eq!(browser.get(&mine).await.location(), "/inbox");
}

#[tokio::test]
async fn open_redirector_on_client_no_parameter_moves_the_redirect() {
    let stage = Stage::new(Quirk::None).await;
    let browser = Browser::new();
    let callback = browser.connect(&stage).await;
    let steered = format!("{callback}&to=https://evil.example&redirect=//evil.example&next=https://evil.example");
    assert_eq!(browser.get(&steered).await.location(), "/inbox");
    let csrf = browser.get(&format!("{}/inbox", stage.robot)).await.csrf();
    let form = [("csrf", csrf.as_str()), ("to", "https://evil.example"), ("next", "//evil.example")];
    let gone = browser.post(&format!("{}/disconnect?next=//evil.example", stage.robot), &form).await;
    assert_eq!(gone.location(), "/");
}
