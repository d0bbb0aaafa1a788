//! Whatever is printed for a log or an answer holds no credential.

use protocol::authorize::{AuthenticatedUser, Consent, UnverifiedAuthorizationRequest};
use protocol::scope::ScopeSet;
use protocol::token::TokenRequest;
use protocol::wire::parameters::Parameters;
use protocol::wire::response::BrowserAnswer;

use crate::cast::*;

/// Panics if `shown` holds any of the secrets, or the secret part of a handle among them.
fn nothing_of(shown: &str, secrets: &[&str]) {
    for secret in secrets {
        let part = secret.rsplit('.').next().expect("a part");
        assert!(!shown.contains(part), "{secret} in {shown}");
    }
}

#[test]
fn requests_print_no_credentials() {
    let desk = Desk::open();
    let secret = &desk.clients.secrets[POSTER];
    let code = format!("sc_ac.{}.{}", "0".repeat(13), "S".repeat(43));
    let token = assertion(client_key(), &assertion_claims(KEYED, "1"));
    let posted = desk.redemption(POSTER, &code).and("client_id", POSTER).and("client_secret", secret);
    let signed = asserting(desk.redemption(KEYED, &code), &token);
    for body in [&posted, &signed] {
        let request = TokenRequest::parse(None, &body.bytes()).expect("well-formed");
        nothing_of(&format!("{request:?}"), &[&code, VERIFIER, secret, &token]);
        let parameters = Parameters::parse(&body.bytes()).expect("well-formed");
        let shown = format!("{parameters:?}");
        nothing_of(&shown, &[&code, VERIFIER, secret, &token]);
        assert!(shown.contains("code_verifier"), "names may be shown: {shown}");
    }
    let header =
        TokenRequest::parse(Some(&basic(ROBOT, secret)), b"grant_type=client_credentials").expect("well-formed");
    nothing_of(&format!("{header:?}"), &[secret]);
    let bytes = desk.request(ROBOT).with("id_token_hint", &token).bytes();
    nothing_of(&format!("{:?}", UnverifiedAuthorizationRequest::parse(&bytes).expect("well-formed")), &[&token]);
}

#[test]
fn plans_and_answers_print_no_credentials() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let checked = desk.check(&request).expect("honest");
    let consent = Consent::given(ScopeSet::parse("mail:read").expect("scope"));
    let plan = checked.approve(AuthenticatedUser::assertion(&desk.session), consent).mint(
        &desk.policy,
        None,
        &mut desk.draw,
        NOW,
    );
    let shown = format!("{plan:?}");
    let answer = protocol::authorize::success(desk.ledger.commit_code(plan).expect("nothing was parked"));
    let code = field(&answer, "code");
    nothing_of(&shown, &[&code]);
    nothing_of(&format!("{answer:?}"), &[&code]);
    let posted = BrowserAnswer::FormPost { action: ROBOT_CB.to_owned(), fields: vec![("code", code.clone())] };
    nothing_of(&format!("{posted:?}"), &[&code]);

    let redemption = desk.redemption(ROBOT, &code).with("resource", CALENDAR);
    let opaque = desk.request(ROBOT).with("scope", "cal:read");
    let code = desk.code(&opaque);
    let plan = desk.plan(ROBOT, redemption.with("code", &code)).expect("honest");
    let shown = format!("{plan:?}");
    let tokens = desk.commit(plan).expect("one request only");
    nothing_of(&shown, &[tokens.access(), tokens.refresh()]);
    nothing_of(&format!("{:?}", desk.ledger.accesses), &[tokens.access()]);
}

#[test]
fn no_refusal_repeats_what_was_received() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    for (name, value) in [("code", "marked"), ("redirect_uri", "https://marked.example"), ("code_verifier", "marked")] {
        let redemption = desk.redemption(ROBOT, &code).with(name, value);
        let (header, body) = desk.credentials(ROBOT, redemption);
        let parsed = TokenRequest::parse(header.as_deref(), &body.bytes()).expect("well-formed");
        let client = desk.authenticate(parsed.client).expect("right credentials");
        let peeked = desk.ledger.peek(parsed.grant.source());
        let deciding = protocol::grants::Deciding { policy: &desk.policy, draw: &mut desk.draw, now: NOW };
        let refused = parsed.grant.decide(&client, peeked, deciding).expect_err("wrong");
        assert!(!refused.refusal.wire_text().as_str().contains("marked"));
        assert!(!refused.refusal.log_text().as_str().contains("marked"));
    }
    let refused = desk.check(&request.with("scope", "marked")).expect_err("unknown");
    assert!(!refused.refusal().wire_text().as_str().contains("marked"));
}
