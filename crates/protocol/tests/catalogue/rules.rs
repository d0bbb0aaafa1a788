//! Every rule of the catalogue is broken here, or is not this crate's to find broken.

use std::collections::BTreeSet;

use protocol::authorize::{NextStep, denial};
use protocol::inspect::bearer;
use protocol::record::OwnerStatus;
use protocol::rules::{Refusal, Rule};
use serde_json::json;

use crate::cast::*;

/// Rules that the protocol cannot find broken, and who does.
const ELSEWHERE: &[(Rule, &str)] = &[
    (Rule::NotAForm, "the HTTP edge reads the content type"),
    (Rule::CredentialInUrl, "the HTTP edge sees method and query"),
    (Rule::Overloaded, "the HTTP edge sheds load"),
    (Rule::Throttled, "the HTTP edge counts failures"),
    (Rule::TooManyPending, "the store counts waiting requests"),
    (Rule::ServerError, "nothing that a request could break"),
    (Rule::RequestGone, "the store has the waiting requests"),
    (Rule::OtherBrowser, "the server reads the cookie"),
    (Rule::EmbeddedBrowser, "the server reads User-Agent"),
    (Rule::FormForged, "the server makes and compares form tokens"),
    (Rule::PageFramed, "the HTTP edge reads Sec-Fetch-Dest"),
    (Rule::IntrospectionNotAllowed, "the endpoint asks before it looks anything up"),
    (Rule::CodeGrantNotAllowed, "registration ties redirect URIs to the code grant, so RedirectUriNone comes first"),
];

#[derive(Default)]
struct Broken(BTreeSet<Rule>);

impl Broken {
    fn note(&mut self, rule: Rule) {
        self.0.insert(rule);
    }

    fn refused<T>(&mut self, answer: Result<T, Refused>) {
        match answer {
            Ok(_) => panic!("must be refused"),
            Err(refused) => self.note(refused.rule),
        }
    }
}

/// A JWS with this header over this payload, signed by nobody.
fn unsigned(header: &serde_json::Value, payload: &serde_json::Value) -> String {
    let encode = |value: &serde_json::Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}.{}", encode(header), encode(payload), "A".repeat(86))
}

fn authorization(broken: &mut Broken) {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let edits: &[(&str, &str)] = &[
        ("client_id", "nobody"),
        ("client_id", ""),
        ("client_id", BATCH),
        ("redirect_uri", "x"),
        ("state", &"x".repeat(5000)),
        ("state", "\n"),
        ("x-long", &"x".repeat(40_000)),
        ("response_type", "token"),
        ("response_mode", "fragment"),
        ("request", "x"),
        ("request_uri", "x"),
        ("registration", "x"),
        ("code_challenge", "x"),
        ("code_challenge_method", "plain"),
        ("scope", "nothing"),
        ("scope", ""),
        ("resource", "x"),
        ("prompt", "x"),
        ("claims", "x"),
        ("claims", r#"{"id_token":{"acr":{"essential":true,"value":"x"}}}"#),
        ("id_token_hint", "x"),
    ];
    for (name, value) in edits {
        let stopped = desk.check(&request.clone().with(name, value)).expect_err("must be refused");
        broken.note(stopped.refusal().rule());
    }
    for form in [
        request.clone().and("state", "x"),
        request.clone().without("response_type"),
        request.clone().without("code_challenge"),
        desk.request(LEGACY).without("nonce").without("code_challenge").without("code_challenge_method"),
    ] {
        broken.note(desk.check(&form).expect_err("must be refused").refusal().rule());
    }
    desk.clients.add(&with(with(web("narrow"), "scope", "openid"), "resources", json!([MAIL])));
    for (name, value) in [("scope", "mail:read"), ("resource", CALENDAR)] {
        let request = desk.request("narrow").with("scope", "openid").with(name, value);
        broken.note(desk.sent_back(&request));
    }
    desk.clients.change(MALLORY, |client| client.set_disabled(true));
    broken.note(desk.page(&desk.request(MALLORY)));

    let silent = desk.check(&request.clone().with("prompt", "none")).expect("honest");
    for session in [None, Some(&desk.session)] {
        match silent.next_step(session, None, None, NOW) {
            NextStep::Refuse(rule) => broken.note(rule),
            other => panic!("not refused: {other:?}"),
        }
    }
    assert_eq!(field(&denial(silent, &desk.policy), "error"), Rule::AccessDenied.code().as_str());
    broken.note(Rule::AccessDenied);
}

fn clients(broken: &mut Broken) {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials")]);
    let secret = desk.clients.secrets[ROBOT].clone();
    for (header, body) in [
        (None, body.clone()),
        (Some(basic(ROBOT, &secret)), body.clone().and("client_id", ROBOT).and("client_secret", "x")),
        (None, body.clone().and("client_id", ROBOT).and("client_secret", &secret)),
        (Some(basic(ROBOT, "x")), body.clone()),
        (Some(basic("nobody", "x")), body.clone()),
        (Some(b"Basic x".to_vec()), body.clone()),
        (None, body.clone().and("client_assertion", "x")),
        (None, asserting(body.clone(), "x")),
    ] {
        broken.refused(desk.token_raw(header.as_deref(), &body.bytes()));
    }
    let roll = protocol::handle::NewHandle::mint(
        protocol::handle::HandleKind::ClientSecret,
        protocol::handle::Id(3),
        &[3; 32],
    );
    desk.clients.change(ROBOT, |client| client.add_secret(roll.id(), roll.hash(), NOW + jose::Seconds(1), NOW));
    desk.wait(1);
    broken.refused(desk.token_raw(Some(&basic(ROBOT, &secret)), &body.bytes()));
    desk.clients.change(ROBOT, |client| client.set_disabled(true));
    broken.refused(desk.token_raw(Some(&basic(ROBOT, roll.value().expose())), &body.bytes()));

    let payload = json!({ "iss": KEYED, "sub": KEYED, "aud": ISSUER, "exp": NOW.0 + 60, "jti": "1" });
    let mut late = assertion_claims(KEYED, "2");
    (late.exp, late.iat) = (NOW, None);
    let mut elsewhere = assertion_claims(KEYED, "3");
    elsewhere.aud = jose::Audience::one("https://evil.example");
    let good = assertion(client_key(), &assertion_claims(KEYED, "4"));
    assert!(desk.token_raw(None, &asserting(Desk::refreshing("x"), &good).bytes()).is_err());
    for token in [
        unsigned(&json!({ "alg": "none" }), &payload),
        unsigned(&json!({ "alg": "ES256", "jwk": client_key().public_jwk() }), &payload),
        unsigned(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": client_key().kid() }), &payload),
        assertion(client_key(), &late),
        assertion(client_key(), &elsewhere),
        good,
    ] {
        broken.refused(desk.token_raw(None, &asserting(Desk::refreshing("x"), &token).bytes()));
    }
}

fn grants(broken: &mut Broken) {
    let mut desk = Desk::open();
    broken.refused(desk.token(ROBOT, Form::of(&[("grant_type", "password")])));
    broken.refused(desk.token(APP, Form::of(&[("grant_type", "client_credentials")])));
    broken.refused(desk.token(ROBOT, Form::of(&[("grant_type", "client_credentials"), ("scope", "openid")])));
    broken.refused(desk.token(ROBOT, Form::of(&[("grant_type", "client_credentials")])));

    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let honest = desk.redemption(ROBOT, &code);
    broken.refused(desk.token(MALLORY, honest.clone()));
    broken.refused(desk.token(ROBOT, honest.clone().with("code", "x")));
    let racing = desk.plan(ROBOT, honest.clone()).expect("active");
    desk.token(ROBOT, honest.clone()).expect("faster");
    broken.refused(desk.commit(racing));
    broken.refused(desk.token(ROBOT, honest.clone()));
    broken.refused(desk.token(ROBOT, honest));
    for (name, value) in [("code_verifier", Some("x")), ("code_verifier", None), ("redirect_uri", None)] {
        let code = desk.code(&request);
        let honest = desk.redemption(ROBOT, &code);
        let wrong = value.map_or(honest.clone().without(name), |value| honest.clone().with(name, value));
        broken.refused(desk.token(ROBOT, wrong));
        broken.refused(desk.token(ROBOT, honest));
    }
    let bare = desk.request(LEGACY).without("code_challenge").without("code_challenge_method");
    let code = desk.code(&bare);
    let unexpected = desk.redemption(LEGACY, &code);
    broken.refused(desk.token(LEGACY, unexpected));
    let code = desk.code(&request);
    desk.wait(60);
    let late = desk.redemption(ROBOT, &code);
    broken.refused(desk.token(ROBOT, late));
}

fn refreshes(broken: &mut Broken) {
    let mut desk = Desk::open();
    let named = desk.request(ROBOT).with("resource", MAIL);
    let tokens = desk.connect_by(&named);
    let body = Desk::refreshing(tokens.refresh());
    broken.refused(desk.token(ROBOT, Desk::refreshing("x")));
    broken.refused(desk.token(MALLORY, body.clone()));
    broken.refused(desk.token(ROBOT, body.clone().and("scope", "mail:send")));
    broken.refused(desk.token(ROBOT, body.clone().and("resource", CALENDAR)));
    let racing = desk.plan(ROBOT, body.clone()).expect("active");
    let next = desk.token(ROBOT, body.clone()).expect("faster");
    broken.refused(desk.commit(racing));
    desk.token(ROBOT, Desk::refreshing(next.refresh())).expect("rotates");
    broken.refused(desk.token(ROBOT, body.clone()));
    broken.refused(desk.token(ROBOT, body));

    let old = desk.connect(ROBOT);
    desk.wait(31 * 86_400);
    broken.refused(desk.token(ROBOT, Desk::refreshing(old.refresh())));
    let held = desk.connect(ROBOT);
    desk.ledger.owners.get_mut(ADA).expect("Ada").status = OwnerStatus::Locked;
    broken.refused(desk.token(ROBOT, Desk::refreshing(held.refresh())));
}

fn tokens(broken: &mut Broken) {
    let mut note = |answer: Result<String, Refusal>| broken.note(answer.expect_err("must be refused").rule());
    note(bearer(None, Some("access_token=x"), None));
    note(bearer(None, None, None));
    note(bearer(Some(b"Bearer x"), None, Some("x")));

    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let claims = tokens.access_claims(MAIL, NOW);
    let payload = serde_json::to_value(&claims).expect("JSON");
    let foreign = server_key().sign(&jose::AccessToken { iss: "https://evil.example".to_owned(), ..claims });
    for token in [
        "x",
        &unsigned(&json!({ "alg": "none", "typ": "at+jwt" }), &payload),
        &unsigned(&json!({ "alg": "ES256", "typ": "at+jwt", "jku": "https://evil.example" }), &payload),
        tokens.0["id_token"].as_str().expect("an ID token"),
        &foreign.expect("well-formed"),
    ] {
        broken.note(desk.live(token).expect_err("no token of ours"));
    }
    let policy = desk.policy.clone();
    for (scope, resource) in [("mail:read", MAIL), ("profile", ISSUER)] {
        let request = desk.request(ROBOT).with("scope", scope).with("resource", resource);
        let tokens = desk.connect_by(&request);
        let live = desk.live(tokens.access()).expect("live");
        broken.note(live.userinfo(&policy).expect_err("not for userinfo").rule());
    }
    let locked = desk.connect(ROBOT);
    desk.ledger.owners.get_mut(ADA).expect("Ada").status = OwnerStatus::Locked;
    broken.note(desk.live(locked.access()).expect_err("locked"));
    desk.revoke(ROBOT, tokens.refresh());
    broken.note(desk.live(tokens.access()).expect_err("revoked"));
    desk.wait(300);
    broken.note(desk.live(tokens.access()).expect_err("expired"));
}

#[test]
fn every_rule_is_broken_by_something_or_belongs_elsewhere() {
    let mut broken = Broken::default();
    authorization(&mut broken);
    clients(&mut broken);
    grants(&mut broken);
    refreshes(&mut broken);
    tokens(&mut broken);
    let missing: Vec<&Rule> = Rule::ALL
        .iter()
        .filter(|rule| !broken.0.contains(rule) && !ELSEWHERE.iter().any(|(other, _)| other == *rule))
        .collect();
    assert!(missing.is_empty(), "neither broken here nor explained: {missing:?}");
    for (rule, reason) in ELSEWHERE {
        assert!(!broken.0.contains(rule), "{rule:?} is broken here after all: {reason}");
    }
}

/// The rule, the parameter and the section are always told; what was received never is.
#[test]
fn wire_texts_are_made_of_catalogue_words_only() {
    for rule in Rule::ALL {
        let text = rule.refuse().noting("a detail for the log").wire_text();
        let published = rule.published();
        assert!(text.as_str().contains(published.says()) && text.as_str().contains(published.section()), "{rule:?}");
        assert!(!text.as_str().contains("detail"));
    }
}
