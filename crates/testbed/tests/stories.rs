//! Whole stories, told by the server's own decisions over the store's ledger and by the client kit's, with the attacker as
//! somebody who has seen what he has seen.

use std::sync::Arc;

use protocol::relying::{CallbackError, PendingAuthorization, ServerMetadata, TokenResponseError, TokenSet};
use protocol::resource::Refusal;
use protocol::rules::Rule;
use serde_json::{Value, json};
use testbed::stage::{App, Browser, Screen, Stage};

fn robot(stage: &mut Stage) -> App {
    stage.register(json!({
        "client_id": "robot", "redirect_uris": ["https://robot.example/cb"], "scope": "openid mail:read mail:send",
        "grant_types": ["authorization_code", "refresh_token"],
    }))
}

fn phone(stage: &mut Stage) -> App {
    stage.register(json!({
        "client_id": "phone", "application_type": "native", "redirect_uris": ["http://127.0.0.1/cb"],
        "scope": "openid mail:read", "grant_types": ["authorization_code", "refresh_token"],
    }))
}

/// Ada follows the link, signs in where she has to, and allows.
fn through(stage: &mut Stage, browser: &mut Browser, url: &str, name: &str) -> String {
    let mut screen = stage.open(browser, url);
    for _ in 0..3 {
        screen = match screen {
            Screen::SignIn(id) => stage.sign_in(browser, id, name),
            Screen::Consent(id) => stage.allow(browser, id),
            Screen::Callback(query) => return query,
            Screen::Error(rule) => panic!("{rule:?}"),
        };
    }
    panic!("still {screen:?}")
}

/// The client takes the callback and redeems.
fn redeem(stage: &mut Stage, pending: PendingAuthorization, query: &str) -> Result<TokenSet, TokenResponseError> {
    let exchange = pending.accept(query, stage.now).expect("the client's own response");
    let moment = stage.moment();
    let (request, expected) = exchange.token_request(moment).expect("nothing to sign");
    let (status, body) = stage.post(&request);
    let tokens = expected.parse(status, body.as_bytes())?;
    Ok(tokens.verify(stage.keys(), stage.now).expect("signed by the server for this request"))
}

fn refresh(stage: &mut Stage, tokens: &TokenSet) -> Result<TokenSet, TokenResponseError> {
    let moment = stage.moment();
    let (request, expected) = tokens.refresh().expect("a refresh token").request(moment).expect("nothing to sign");
    let (status, body) = stage.post(&request);
    let tokens = expected.parse(status, body.as_bytes())?;
    Ok(tokens.verify(stage.keys(), stage.now).expect("the same person"))
}

fn call(stage: &mut Stage, tokens: &TokenSet) -> Result<String, Refusal> {
    let header =
        tokens.access().authorization_for("https://mail.example/messages").expect("the API that was asked for");
    stage.call(&header).map(|access| access.scope().join(" "))
}

fn connect(stage: &mut Stage, app: &App, browser: &mut Browser) -> TokenSet {
    let server = stage.metadata();
    let (url, pending) = stage.start(app, server, "openid mail:read");
    let query = through(stage, browser, &url, "ada");
    redeem(stage, pending, &query).expect("an honest flow")
}

fn refused(answer: Result<TokenSet, TokenResponseError>) -> String {
    match answer {
        Err(TokenResponseError::Refused(error)) => error.error().to_owned(),
        Err(other) => panic!("no refusal: {other}"),
        Ok(_) => panic!("tokens"),
    }
}

#[test]
fn the_honest_story() {
    let mut stage = Stage::new(1);
    let (robot, mut browser) = (robot(&mut stage), stage.browser());
    let tokens = connect(&mut stage, &robot, &mut browser);
    assert_eq!(tokens.identity().map(|identity| identity.subject()), Some("u_ada"));
    assert_eq!(call(&mut stage, &tokens), Ok("mail:read".to_owned()));

    stage.wait(301);
    assert!(call(&mut stage, &tokens).is_err(), "access is short");
    let fresh = refresh(&mut stage, &tokens).expect("but renewed");
    assert_eq!(call(&mut stage, &fresh), Ok("mail:read".to_owned()));

    // The robot proves itself, so Ada is not asked twice.
    let server = stage.metadata();
    let (url, pending) = stage.start(&robot, server, "openid mail:read");
    let Screen::Callback(query) = stage.open(&mut browser, &url) else { panic!("asked again") };
    assert!(redeem(&mut stage, pending, &query).is_ok());

    let moment = stage.moment();
    let request =
        fresh.refresh().expect("a refresh token").revocation(moment).expect("nothing to sign").expect("an endpoint");
    assert_eq!(stage.post(&request).0, 200);
    assert_eq!(call(&mut stage, &fresh), Err(Refusal::Inactive), "disconnected");
    assert_eq!(refused(refresh(&mut stage, &fresh)), "invalid_grant");
}

#[test]
fn a_denial_is_told_and_gives_nothing() {
    let mut stage = Stage::new(2);
    let (robot, mut browser) = (robot(&mut stage), stage.browser());
    let server = stage.metadata();
    let (url, pending) = stage.start(&robot, server, "openid mail:read");
    let Screen::SignIn(id) = stage.open(&mut browser, &url) else { panic!("nobody is signed in") };
    let Screen::Consent(id) = stage.sign_in(&mut browser, id, "ada") else { panic!("nothing was allowed before") };
    let Screen::Callback(query) = stage.deny(&mut browser, id) else { panic!("the no goes back") };
    assert!(
        matches!(pending.accept(&query, stage.now), Err(CallbackError::Denied(error)) if error.error() == "access_denied")
    );
    assert_eq!(stage.allow(&mut browser, id), Screen::Error(Rule::RequestGone), "a no is final");
}

#[test]
fn code_injection_into_the_attackers_own_session_burns_the_code() {
    let mut stage = Stage::new(3);
    let (robot, mut adas, mut mallorys) = (robot(&mut stage), stage.browser(), stage.browser());
    let server = stage.metadata();
    let (url, adas_pending) = stage.start(&robot, server.clone(), "openid mail:read");
    let stolen = through(&mut stage, &mut adas, &url, "ada");

    // Mallory begins a flow of his own at the robot, and answers it with Ada's code under his own state.
    let (own_url, mallorys_pending) = stage.start(&robot, server, "openid mail:read");
    let own = through(&mut stage, &mut mallorys, &own_url, "mallory");
    let part = |query: &str, name: &str| {
        let start = query.find(&format!("{name}=")).expect("there");
        query[start..].split('&').next().expect("a pair").to_owned()
    };
    let planted = own.replace(&part(&own, "code"), &part(&stolen, "code"));
    assert_ne!(planted, own);
    assert_eq!(refused(redeem(&mut stage, mallorys_pending, &planted)), "invalid_grant");

    // Ada's own session fails closed, and her next try works.
    assert_eq!(refused(redeem(&mut stage, adas_pending, &stolen)), "invalid_grant");
    let tokens = connect(&mut stage, &robot, &mut adas);
    assert_eq!(tokens.identity().map(|identity| identity.subject()), Some("u_ada"));
}

#[test]
fn csrf_on_redirect_uri_stops_at_the_clients_state() {
    let mut stage = Stage::new(4);
    let (robot, mut mallorys) = (robot(&mut stage), stage.browser());
    let server = stage.metadata();
    let (_, adas_pending) = stage.start(&robot, server.clone(), "openid mail:read");
    let (url, _) = stage.start(&robot, server, "openid mail:read");
    let mallorys_answer = through(&mut stage, &mut mallorys, &url, "mallory");
    assert!(matches!(adas_pending.accept(&mallorys_answer, stage.now), Err(CallbackError::StateMismatch)));
}

/// A second server, which is hostile: it names its own endpoints, but for the page where people sign in.
fn hostile_server() -> Arc<ServerMetadata> {
    let document = json!({
        "issuer": "https://evil.example",
        "authorization_endpoint": "https://evil.example/authorize",
        "token_endpoint": "https://evil.example/token",
        "jwks_uri": "https://evil.example/jwks",
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    Arc::new(
        ServerMetadata::parse(document.to_string().as_bytes(), "https://evil.example")
            .expect("it looks like any other"),
    )
}

#[test]
fn mix_up_stops_before_any_token_endpoint_is_called() {
    let mut stage = Stage::new(5);
    let (robot, mut browser) = (robot(&mut stage), stage.browser());
    let (url, pending) = stage.start(&robot, hostile_server(), "openid mail:read");
    // The hostile server sends Ada on to the honest one, with everything the client said.
    let forwarded = url.replacen("https://evil.example/authorize", "https://as.example/authorize", 1);
    assert_ne!(forwarded, url);
    let answer = through(&mut stage, &mut browser, &forwarded, "ada");
    assert!(answer.contains("iss=https%3A%2F%2Fas.example"));
    assert!(matches!(pending.accept(&answer, stage.now), Err(CallbackError::IssuerMismatch)));
}

#[test]
fn refresh_token_replay_shows_whoever_is_second() {
    for thief_first in [true, false] {
        let mut stage = Stage::new(6);
        let (phone, mut browser) = (phone(&mut stage), stage.browser());
        let stolen = connect(&mut stage, &phone, &mut browser);
        // Owner and thief hold one token. Whoever is first goes on and uses what he got; the other ends it for both.
        let first = refresh(&mut stage, &stolen).expect("nobody can tell yet");
        call(&mut stage, &first).expect("used");
        assert_eq!(refused(refresh(&mut stage, &stolen)), "invalid_grant", "thief first: {thief_first}");
        assert_eq!(call(&mut stage, &first), Err(Refusal::Inactive));
        assert_eq!(refused(refresh(&mut stage, &first)), "invalid_grant");
        let anew = connect(&mut stage, &phone, &mut browser);
        assert!(call(&mut stage, &anew).is_ok(), "Ada allows it anew");
    }
}

#[test]
fn refresh_rotation_race_a_lost_answer_costs_nobody_his_session() {
    let mut stage = Stage::new(7);
    let (phone, mut browser) = (phone(&mut stage), stage.browser());
    let tokens = connect(&mut stage, &phone, &mut browser);
    let lost = refresh(&mut stage, &tokens).expect("the answer never arrives");
    stage.wait(86_400);
    let again = refresh(&mut stage, &tokens).expect("asked again, a day later");
    assert!(call(&mut stage, &again).is_ok());
    assert!(refresh(&mut stage, &again).is_ok());
    // What was lost was found by somebody after all.
    assert_eq!(refused(refresh(&mut stage, &lost)), "invalid_grant");
    assert_eq!(call(&mut stage, &again), Err(Refusal::Inactive));
}

#[test]
fn obtain_refresh_token_from_client_another_client_gets_and_ends_nothing() {
    let mut stage = Stage::new(8);
    let (robot, mut browser) = (robot(&mut stage), stage.browser());
    phone(&mut stage);
    let tokens = connect(&mut stage, &robot, &mut browser);
    let value = tokens.refresh().expect("a refresh token").expose_to_key_store().expose().clone();
    let body = format!("grant_type=refresh_token&client_id=phone&refresh_token={value}");
    let (status, answer) = stage.post_raw("https://as.example/token", None, &body);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")));
    let given_back = format!("client_id=phone&token={value}");
    assert_eq!(stage.post_raw("https://as.example/revoke", None, &given_back).0, 200);
    assert!(refresh(&mut stage, &tokens).is_ok(), "the owner is not disturbed");
}

#[test]
fn consent_transaction_swap_another_browser_takes_nothing_over() {
    let mut stage = Stage::new(9);
    let (robot, mut mallorys, mut adas) = (robot(&mut stage), stage.browser(), stage.browser());
    let server = stage.metadata();
    let (url, _) = stage.start(&robot, server, "openid mail:read");
    let Screen::SignIn(id) = stage.open(&mut mallorys, &url) else { panic!("nobody is signed in") };
    // Mallory sends Ada the link to his waiting request, for her to sign in there.
    assert_eq!(stage.sign_in(&mut adas, id, "ada"), Screen::Error(Rule::OtherBrowser));
    assert_eq!(stage.allow(&mut adas, id), Screen::Error(Rule::OtherBrowser));
    assert_eq!(stage.deny(&mut adas, id), Screen::Error(Rule::OtherBrowser));
}

#[test]
fn existing_authorization_by_fraud_an_app_always_asks() {
    let mut stage = Stage::new(10);
    let (phone, mut browser) = (phone(&mut stage), stage.browser());
    connect(&mut stage, &phone, &mut browser);
    let server = stage.metadata();
    let (url, _) = stage.start(&phone, server, "openid mail:read");
    assert!(matches!(stage.open(&mut browser, &url), Screen::Consent(_)), "Ada is signed in, and asked all the same");
}

#[test]
fn url_exfiltration_by_proxy_config_what_a_browser_remembers_is_worth_nothing() {
    // The same flow in worlds of the same seed: a wrong guess burns the code, so each guess needs one of its own.
    let flow = || {
        let mut stage = Stage::new(11);
        let (phone, mut browser) = (phone(&mut stage), stage.browser());
        let server = stage.metadata();
        let (url, pending) = stage.start(&phone, server, "openid mail:read");
        let query = through(&mut stage, &mut browser, &url, "ada");
        (stage, browser, pending, query)
    };
    let (mut stage, browser, pending, query) = flow();
    let code = query.split('&').find_map(|pair| pair.strip_prefix("code=")).expect("a code").to_owned();
    let seen: std::collections::BTreeSet<&str> =
        browser.history.iter().flat_map(|entry| entry.split(['?', '&', '='])).collect();
    let guesses: Vec<&str> = seen.into_iter().filter(|part| part.len() >= 43).collect();
    assert!(guesses.len() >= 3, "state, nonce and challenge at least");
    for guess in guesses {
        let (mut world, ..) = flow();
        let body = format!(
            "grant_type=authorization_code&client_id=phone&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&code={code}&code_verifier={guess}"
        );
        let (status, answer) = world.post_raw("https://as.example/token", None, &body);
        assert!(status == 400 && answer.contains("code_challenge"), "the code is real, the proof is not: {answer}");
    }
    assert!(redeem(&mut stage, pending, &query).is_ok());
}
